package dev.mediator.evaluation;

import dev.mediator.generation.Generation;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.generation.Spent;
import dev.mediator.stepwise.RunPlan;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Samples of a network that are scored as they are made, without ever being files. Classes take turns, so that every
 * class has as many samples as any other, up to one. The pixels are those that {@code sample} writes: picture i has the seed
 * first + i. For seeds from 0 to 2³¹ − 1, first is seed·2³², so the samples of two of them share no noise. For all others it is a
 * hash of the seed below 0: two of them share noise as seldom as random numbers of 63 bits lie next to each other.
 *
 * @param count how many
 * @param seed of the whole set, any
 * @param batch how many are made together; changes speed and memory, and the samples by rounding only
 */
public record ModelSamples(int count, long seed, int batch) {
    private static final int MOST = 100_000_000;

    /** Told how far the samples are. */
    @FunctionalInterface
    public interface Listener {
        /** Listens to nothing. */
        Listener NONE = (images, spent) -> {};

        /**
         * Called after each step of the sampler. Whatever this throws, such as a cancellation, ends the sampling and reaches
         * its caller.
         *
         * @param images samples so far; those that are being made count for the share of their steps that is done
         * @param spent what they have cost so far
         */
        void onProgress(double images, Spent spent);
    }

    public ModelSamples {
        requireWithin("count", count, 1, MOST);
        requireWithin("batch", batch, 1, MOST);
    }

    private static void requireWithin(String field, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "the samples' " + field + " is " + value + ", allowed are " + least + " to " + most);
        }
    }

    /** The class asked for in each sample: 0, 1, …, classes − 1, 0, … */
    public long[] labels(int classes) {
        return LongStream.range(0, count).map(i -> i % classes).toArray();
    }

    /** What sample {@code index}, from 0, is made from. */
    public ImageRequest request(int index, int classes) {
        return new ImageRequest(index % classes, firstSeed() + index);
    }

    private long firstSeed() {
        if (seed >= 0 && seed <= Integer.MAX_VALUE) {
            return seed << 32;
        }
        long bits = seed + 0x9E3779B97F4A7C15L; // the step and mix of SplitMix64
        bits = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        bits = (bits ^ (bits >>> 27)) * 0x94D049BB133111EBL;
        return (bits ^ (bits >>> 31)) | Long.MIN_VALUE;
    }

    /**
     * Makes all samples and adds their features, in order.
     *
     * @param generator the network; its dtype decides how it computes
     * @param plan sampler, guidance and schedule
     * @param collector with room for {@link #count} more
     * @return what all samples have cost
     * @throws IllegalArgumentException if the network cannot be sampled so
     * @throws IOException if a sample's features are unusable, see {@link FeatureCollector#add}
     */
    public Spent collect(ImageGenerator generator, RunPlan plan, FeatureCollector collector, Listener listener)
            throws IOException {
        int classes = generator.config().numClasses();
        Spent spent = Spent.NOTHING;
        for (int first = 0; first < count; first += batch) {
            int done = first;
            Spent before = spent;
            List<ImageRequest> part = IntStream.range(first, Math.min(count, first + batch))
                    .mapToObj(i -> request(i, classes))
                    .toList();
            Generation made = generator.generate(
                    part,
                    plan,
                    (step, soFar) -> listener.onProgress(done + step.progress() * part.size(), before.plus(soFar)));
            collector.add(made.pictures());
            spent = spent.plus(made.spent());
            listener.onProgress(done + part.size(), spent);
        }
        return spent;
    }
}
