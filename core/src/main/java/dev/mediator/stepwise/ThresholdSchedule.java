package dev.mediator.stepwise;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.mediator.nn.MediatorCount;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The paper's rule: {@code threshold:4,16,64@0.8,0.6;mae;window=3}. With d_j the distance after step j, j = 1, 2, …
 * (step 0 has nothing before it), and d̄ the mean of d_1 … d_m: from j = m + 1 on, while stage i is active and d_j &lt;
 * ρ_i·d̄, the next stage takes over. It serves from step j + 1 on. Several stages may be passed after one step; none is
 * returned to. Thresholds need not fall: where ρ_{i+1} ≥ ρ_i, stage i + 1 is passed over.
 *
 * @param counts a count for each of two or more stages, rising; full attention counts as the largest
 * @param thresholds ρ, one for each stage but the last, 0 or more
 * @param distance what d measures
 * @param window m, how many first distances are averaged, at least 1
 * @param batchWide whether a batch decides as one by the distance over all its samples, as the paper's release does.
 *     Pictures then depend on what they are made with
 */
public record ThresholdSchedule(
        List<MediatorCount> counts, List<Double> thresholds, StepDistance distance, int window, boolean batchWide)
        implements Schedule {
    /** As many first distances as the paper's release averages. */
    public static final int DEFAULT_WINDOW = 3;

    private static final int MAX_WINDOW = 1_000_000;

    /** Checks that counts rise, and that there is one threshold per stage but the last. */
    public ThresholdSchedule {
        counts = ScheduleText.copy(counts, "counts");
        thresholds = ScheduleText.copy(thresholds, "thresholds");
        ScheduleText.requirePresent(distance, "distance");
        if (counts.size() < 2 || thresholds.size() != counts.size() - 1) {
            throw new IllegalArgumentException("a threshold schedule has the counts " + counts + " and the thresholds "
                    + thresholds + ", allowed are two or more counts and a threshold for each but the last");
        }
        for (int i = 1; i < counts.size(); i++) {
            if (counts.get(i).compareTo(counts.get(i - 1)) <= 0) {
                throw new IllegalArgumentException("the counts of a threshold schedule are " + counts
                        + ", allowed are rising counts, 'full' being the largest");
            }
        }
        for (double threshold : thresholds) {
            if (!(threshold >= 0 && threshold < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("a threshold is " + threshold
                        + ", allowed are finite numbers of 0 or" + " more (0: the stage never ends)");
            }
        }
        if (window < 1 || window > MAX_WINDOW) {
            throw new IllegalArgumentException("the window is " + window + ", allowed are 1 to " + MAX_WINDOW);
        }
    }

    /** A rule that decides per sample, with the paper's window. */
    public static ThresholdSchedule of(List<MediatorCount> counts, List<Double> thresholds, StepDistance distance) {
        return new ThresholdSchedule(counts, thresholds, distance, DEFAULT_WINDOW, false);
    }

    /** From JSON, where window and batchWide may be left out. */
    @JsonCreator
    static ThresholdSchedule ofJson(
            @JsonProperty("counts") List<MediatorCount> counts,
            @JsonProperty("thresholds") List<Double> thresholds,
            @JsonProperty("distance") StepDistance distance,
            @JsonProperty("window") @Nullable Integer window,
            @JsonProperty("batchWide") @Nullable Boolean batchWide) {
        return new ThresholdSchedule(
                counts, thresholds, distance, window == null ? DEFAULT_WINDOW : window, batchWide != null && batchWide);
    }

    /**
     * Refuses thresholds that do not fall, which people write by mistake.
     *
     * @throws IllegalArgumentException that names the stage that is passed over
     */
    void requireFalling() {
        for (int i = 1; i < thresholds.size(); i++) {
            if (thresholds.get(i) >= thresholds.get(i - 1)) {
                throw new IllegalArgumentException("the schedule " + this + " has the threshold "
                        + ScheduleText.number(thresholds.get(i)) + " after "
                        + ScheduleText.number(thresholds.get(i - 1)) + ": the stage with " + counts.get(i)
                        + " would never serve, as its own end is reached when it begins; allowed are falling thresholds,"
                        + " or leave the stage out");
            }
        }
    }

    /** The first step, from 0, that another stage than the first can serve: m + 1 distances lie between m + 2 steps. */
    int earliestSwitch() {
        return window + 2;
    }

    @Override
    public ThresholdSchedule resolve(RunSetup setup) {
        setup.costs().requireServed(counts);
        if (batchWide && setup.sampler().plannedSteps().isEmpty()) {
            throw new IllegalArgumentException("the schedule is " + this + " with the sampler "
                    + setup.sampler().summary() + ", whose samples step each on their own; allowed are schedules"
                    + " without 'batch'");
        }
        return this;
    }

    @Override
    public String toString() {
        return "threshold:" + ScheduleText.join(counts) + "@"
                + ScheduleText.join(
                        thresholds.stream().map(ScheduleText::number).toList())
                + ";" + distance.label() + (window == DEFAULT_WINDOW ? "" : ";window=" + window)
                + (batchWide ? ";batch" : "");
    }
}
