package dev.mediator.stepwise;

import dev.mediator.nn.MediatorCount;
import java.util.List;

/**
 * What one sample went through.
 *
 * @param stages which count served how many steps, in order
 * @param switchSteps for each stage after the first that took over, or was passed over, the step (from 0) after which; −1
 *     if from the start. Stages after the last step are not listed
 * @param distances d_1, d_2, … of a {@link ThresholdSchedule}, empty for others
 * @param evaluations forward passes; a guided evaluation is two
 * @param macs multiply-adds of these passes
 * @param macsFull the same had every pass gone through the costliest count
 */
public record StageTrace(
        List<Span> stages,
        List<Integer> switchSteps,
        List<Double> distances,
        long evaluations,
        long macs,
        long macsFull) {
    /** A stretch of steps that one count served. */
    public record Span(MediatorCount mediators, int steps) {}

    /** Copies the lists. */
    public StageTrace {
        stages = List.copyOf(stages);
        switchSteps = List.copyOf(switchSteps);
        distances = List.copyOf(distances);
    }

    /** Steps of the sample. */
    public int steps() {
        return stages.stream().mapToInt(Span::steps).sum();
    }

    /** The count that served a step, from 0. */
    public MediatorCount at(int step) {
        int end = 0;
        for (Span span : stages) {
            end += span.steps();
            if (step >= 0 && step < end) {
                return span.mediators();
            }
        }
        throw new IllegalArgumentException("step is " + step + ", allowed are 0 to " + (end - 1));
    }

    /** Multiply-adds in 10⁹. */
    public double gflops() {
        return macs / 1e9;
    }

    /** Multiply-adds at the costliest count in 10⁹. */
    public double gflopsFull() {
        return macsFull / 1e9;
    }
}
