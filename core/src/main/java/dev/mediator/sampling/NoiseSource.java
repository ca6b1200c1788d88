package dev.mediator.sampling;

import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** The randomness of an SDE, as an argument. */
@FunctionalInterface
public interface NoiseSource {
    /**
     * Standard normal noise of one step. The same step gives the same noise again.
     *
     * @param step 0 for the first step
     * @param like the state [B, ...] that it is added to
     * @return noise in the shape, type and device of {@code like}
     */
    Tensor stepNoise(int step, Tensor like);

    /**
     * Noise from one stream per sample: draw 0 of a stream is the sample's start, draw i + 1 its noise of step i. What a
     * sample gets does not depend on its neighbours, its place in the batch or the number of threads.
     *
     * @param streams the stream of each sample of the batch, in order
     */
    record Streams(List<RandomStream> streams) implements NoiseSource {
        /** Refuses an empty batch. */
        public Streams {
            streams = List.copyOf(streams);
            if (streams.isEmpty()) {
                throw new IllegalArgumentException("a batch has at least one sample");
            }
        }

        /** The streams {@code first} to {@code first + batch - 1} of a seed: sample i of a set has stream i. */
        public static Streams ofSeed(long seed, long first, int batch) {
            return new Streams(LongStream.range(first, first + batch)
                    .mapToObj(i -> new RandomStream(seed, i))
                    .toList());
        }

        /**
         * Where each sample starts.
         *
         * @param sampleShape shape of one sample, [C, H, W]
         * @return [B, C, H, W] fp32 on the CPU
         */
        public Tensor start(long... sampleShape) {
            return draw(0, sampleShape);
        }

        @Override
        public Tensor stepNoise(int step, Tensor like) {
            long[] shape = Shapes.of(like);
            if (shape[0] != streams.size()) {
                throw new IllegalArgumentException(
                        "the batch has " + shape[0] + " samples, the noise has " + streams.size() + " streams");
            }
            return Tensors.like(draw(step + 1L, Arrays.copyOfRange(shape, 1, shape.length)), like);
        }

        private Tensor draw(long use, long... sampleShape) {
            int count = Shapes.arrayLength(sampleShape);
            float[] values = new float[Shapes.arrayLength(streams.size(), count)];
            IntStream.range(0, streams.size())
                    .parallel() // Box-Muller in strict fp64 costs as much as a small network
                    .forEach(i -> System.arraycopy(streams.get(i).normals(use, count), 0, values, i * count, count));
            long[] shape = LongStream.concat(LongStream.of(streams.size()), Arrays.stream(sampleShape))
                    .toArray();
            return Tensors.of(values, shape);
        }
    }

    /**
     * Plays back noise that is given, to repeat a run whose noise was recorded elsewhere.
     *
     * @param steps noise of each step [S, B, ...], owned by the caller
     */
    record Recorded(Tensor steps) implements NoiseSource {
        @Override
        public Tensor stepNoise(int step, Tensor like) {
            if (step >= steps.size(0)) {
                throw new IllegalArgumentException("the recording holds the noise of " + steps.size(0) + " steps, step "
                        + (step + 1) + " is asked for");
            }
            Tensor noise = Shapes.require(steps.select(0, step), "recorded noise", Shapes.of(like));
            return Tensors.like(noise, like);
        }
    }
}
