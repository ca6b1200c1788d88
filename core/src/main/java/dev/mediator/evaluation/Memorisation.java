package dev.mediator.evaluation;

import dev.mediator.evaluation.NearestNeighbours.Neighbour;
import java.util.Comparator;
import java.util.List;

/**
 * Does a network repeat its training images? Its samples are as far from the nearest training image as images are that it has
 * never seen, unless it does: held-out images are the yardstick. Distances may be those of features or of pixels ({@link
 * PictureBatch#pixels}); the two find different kinds of copies.
 *
 * @param sampleMedian median distance of a sample to the nearest training image
 * @param heldOutMedian the same for held-out images
 * @param threshold the distance that one in a hundred held-out images falls short of
 * @param closerShare share of samples closer than the threshold: 0.01 for samples like held-out images, more for copies
 * @param closest the sample that is closest to a training image
 */
public record Memorisation(
        double sampleMedian, double heldOutMedian, double threshold, double closerShare, Neighbour closest) {
    private static final double YARDSTICK = 0.01;

    /**
     * Compares distances to the same training images.
     *
     * @param samples nearest training image of each sample, at least one
     * @param heldOut nearest training image of each held-out image, at least one
     */
    public static Memorisation of(List<Neighbour> samples, List<Neighbour> heldOut) {
        if (samples.isEmpty() || heldOut.isEmpty()) {
            throw new IllegalArgumentException("memorisation needs at least one sample and one held-out image");
        }
        double[] ofSamples = sorted(samples);
        double[] ofHeldOut = sorted(heldOut);
        double threshold = quantile(ofHeldOut, YARDSTICK);
        long closer = samples.stream().filter(n -> n.distance() < threshold).count();
        Neighbour closest = samples.stream()
                .min(Comparator.comparingDouble(Neighbour::distance))
                .orElseThrow();
        return new Memorisation(
                quantile(ofSamples, 0.5),
                quantile(ofHeldOut, 0.5),
                threshold,
                (double) closer / samples.size(),
                closest);
    }

    private static double[] sorted(List<Neighbour> neighbours) {
        return neighbours.stream().mapToDouble(Neighbour::distance).sorted().toArray();
    }

    /** Linear between the two values around. */
    private static double quantile(double[] ascending, double q) {
        double position = q * (ascending.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, ascending.length - 1);
        return ascending[below] + (position - below) * (ascending[above] - ascending[below]);
    }
}
