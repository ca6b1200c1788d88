package dev.mediator.training;

import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.TimeInterval;
import dev.mediator.transport.Transport;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The random choices of a training, each a function of the seed and of a sample's position in the data stream (noise,
 * time, label dropout) or of the update (mediator count). Nothing of it needs saving.
 *
 * @param seed the training's seed
 */
record StepDraws(long seed) {
    private static final long SAMPLES = 0x73616d706c6573L; // "samples"
    private static final long UPDATES = 0x75706461746573L; // "updates"
    private static final int NOISE = 0;
    private static final int TIME = 1;
    private static final int DROPOUT = 2;
    private static final int CODEC = 3;

    /** Noise x0 of the samples from a position on, [B, C, H, W]. */
    Tensor noise(long position, long... shape) {
        float[] values = new float[Shapes.arrayLength(shape)];
        int each = (int) (values.length / shape[0]);
        // At once on all cores: one alone draws slower than a card trains a small network.
        IntStream.range(0, Math.toIntExact(shape[0]))
                .parallel()
                .forEach(i -> System.arraycopy(sample(position + i).normals(NOISE, each), 0, values, i * each, each));
        return Tensors.of(values, shape);
    }

    /** Times of the samples from a position on, uniform over the transport's interval, [B]. */
    Tensor times(Transport transport, long position, int count) {
        TimeInterval interval = transport.trainInterval();
        float[] times = new float[count];
        for (int i = 0; i < count; i++) {
            times[i] = (float)
                    (interval.start() + interval.length() * sample(position + i).uniform(TIME));
        }
        return Tensors.of(times, count);
    }

    /** What a codec draws from for each of the samples from a position on. */
    List<RandomStream> codecStreams(long position, int count) {
        return LongStream.range(position, position + count)
                .mapToObj(p -> sample(p).split(CODEC))
                .toList();
    }

    /** Labels of the samples from a position on, with a share replaced by the null label. */
    long[] dropLabels(long position, long[] labels, double share, int nullLabel) {
        long[] kept = labels.clone();
        for (int i = 0; i < kept.length; i++) {
            if (sample(position + i).uniform(DROPOUT) < share) {
                kept[i] = nullLabel;
            }
        }
        return kept;
    }

    /**
     * The mediator count of an update.
     *
     * @param weights how often each count is drawn, relative to the others; empty for all alike
     */
    MediatorCount mediators(long step, List<MediatorCount> counts, List<Double> weights) {
        double[] bounds = new double[counts.size()];
        double total = 0;
        for (int i = 0; i < bounds.length; i++) {
            total += weights.isEmpty() ? 1 : weights.get(i);
            bounds[i] = total;
        }
        double drawn = new RandomStream(seed, UPDATES).split(step).uniform(0) * total;
        int chosen = 0;
        while (drawn >= bounds[chosen]) {
            chosen++;
        }
        return counts.get(chosen);
    }

    private RandomStream sample(long position) {
        return new RandomStream(seed, SAMPLES).split(position);
    }
}
