package dev.mediator.tuning;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A schedule that was run.
 *
 * @param schedule its short form
 * @param points of the sampler
 * @param guidanceInterval start and end of the guided interval
 * @param gflopsPredicted multiply-adds of an image in 10⁹, before it ran
 * @param gflops the same, counted while it ran
 * @param share of the reference's multiply-adds
 * @param errorPredicted by local errors, the root of the mean square over images
 * @param error to the reference, over the images of the calibration
 * @param heldOut the same over images that nothing was chosen by; null if there are none
 */
public record TunedPoint(
        String schedule,
        int points,
        List<Double> guidanceInterval,
        double gflopsPredicted,
        double gflops,
        double share,
        double errorPredicted,
        Average error,
        @Nullable Average heldOut) {
    /** Copies the interval. */
    public TunedPoint {
        guidanceInterval = List.copyOf(guidanceInterval);
    }

    /** Of some points those that no other is both cheaper and better than, from the cheapest to the costliest. */
    public static List<TunedPoint> front(List<TunedPoint> measured) {
        List<TunedPoint> front = new ArrayList<>();
        measured.stream()
                .sorted(Comparator.comparingDouble(TunedPoint::gflops)
                        .thenComparingDouble(point -> point.error().mean()))
                .filter(point -> front.isEmpty()
                        || point.error().mean()
                                < front.get(front.size() - 1).error().mean())
                .forEach(front::add);
        return front;
    }
}
