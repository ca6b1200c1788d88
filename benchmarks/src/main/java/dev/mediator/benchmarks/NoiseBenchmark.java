package dev.mediator.benchmarks;

import dev.mediator.sampling.NoiseSource;
import dev.mediator.tensor.Engine;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The noise of one step of a sampler: a draw from the stream of each sample. */
public class NoiseBenchmark extends InnerBenchmark {
    /** Samples of the batch. */
    @Param({"1", "64"})
    int batch;

    /** Side of a latent of 4 channels. */
    @Param("32")
    int side;

    private NoiseSource.Streams noise;

    /** Names the streams. */
    @Setup
    public void makeStreams() {
        Engine.start();
        noise = NoiseSource.Streams.ofSeed(0, 0, batch);
    }

    /** One draw of every sample. */
    @Benchmark
    public long draw() {
        return infer(() -> noise.start(4, side, side));
    }
}
