package dev.mediator.stepwise;

import dev.mediator.nn.MediatorCount;
import java.util.Arrays;

/**
 * What one image will cost through a schedule, before it is made. The cost of a {@link ThresholdSchedule} depends on the
 * image; then there are bounds: that of an image which never switches, and of one which switches as soon as the rule
 * can, after the first distance that is not averaged.
 *
 * @param schedule as it is run, a budget resolved
 * @param passes forward passes; a guided evaluation is two
 * @param least multiply-adds, at least
 * @param most multiply-adds, at most
 * @param largest the same had every pass gone through the costliest count
 */
public record RunCost(Schedule schedule, long passes, long least, long most, long largest) {
    /**
     * The cost of a schedule.
     *
     * @throws IllegalArgumentException if the solver decides on its steps as it goes, or the schedule cannot be resolved
     */
    public static RunCost of(Schedule schedule, RunPlan plan) {
        Schedule resolved = schedule.resolve(plan);
        int[] passes = plan.passes();
        long all = Arrays.stream(passes).asLongStream().sum();
        if (!(resolved instanceof ThresholdSchedule threshold)) {
            long macs = plan.macs(resolved);
            return new RunCost(resolved, all, macs, macs, plan.macsFull());
        }
        int earliest = Math.min(passes.length, threshold.earliestSwitch());
        long first = Arrays.stream(passes, 0, earliest).asLongStream().sum();
        long before = first * plan.costs().of(threshold.counts().get(0));
        long least = Long.MAX_VALUE;
        long most = 0;
        for (MediatorCount count : threshold.counts()) {
            // Not always the first and the last: on small grids full attention costs less than many mediators.
            long macs = before + (all - first) * plan.costs().of(count);
            least = Math.min(least, macs);
            most = Math.max(most, macs);
        }
        return new RunCost(resolved, all, least, most, plan.macsFull());
    }

    /** True if every image costs the same. */
    public boolean isExact() {
        return least == most;
    }
}
