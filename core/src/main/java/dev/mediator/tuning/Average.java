package dev.mediator.tuning;

import java.util.Arrays;

/**
 * The mean of a number over images, and how much it says.
 *
 * @param mean over the images
 * @param deviation standard deviation between images, 0 for one image
 * @param standardError of the mean, which is the deviation by √images
 */
public record Average(double mean, double deviation, double standardError) {
    /** Averages one or more values. */
    public static Average of(double... values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        double deviation = values.length == 1 ? 0 : Math.sqrt(squares / (values.length - 1));
        return new Average(mean, deviation, deviation / Math.sqrt(values.length));
    }
}
