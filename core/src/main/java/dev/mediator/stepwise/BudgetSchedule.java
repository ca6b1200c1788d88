package dev.mediator.stepwise;

import dev.mediator.nn.MediatorCount;
import java.util.List;

/**
 * A share of what the same run costs when every step goes through the costliest count: {@code budget:0.7}. {@link
 * #resolve} turns it into a {@link FixedSchedule}, see {@link BudgetSearch} for how.
 *
 * @param share above 0, up to 1
 */
public record BudgetSchedule(double share) implements Schedule {
    /** How far the cost of the schedule that is found may be from the budget, as a fraction of the budget. */
    public static final double TOLERANCE = 0.02;

    /** Refuses shares that no run can have. */
    public BudgetSchedule {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "the budget is " + share + ", allowed are shares of the costliest run, above 0 and up to 1");
        }
    }

    @Override
    public List<MediatorCount> counts() {
        return List.of();
    }

    @Override
    public FixedSchedule resolve(RunSetup setup) {
        return new BudgetSearch(setup, share).find();
    }

    @Override
    public String toString() {
        return "budget:" + ScheduleText.number(share);
    }
}
