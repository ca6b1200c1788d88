package dev.mediator.evaluation;

import java.util.Arrays;

/** Mean and standard deviation of the values of repetitions. */
final class Spread {
    private Spread() {}

    static double mean(double[] values) {
        return Arrays.stream(values).sum() / values.length;
    }

    /** Of the population: divided by the number of values. */
    static double std(double[] values) {
        double mean = mean(values);
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return Math.sqrt(squares / values.length);
    }
}
