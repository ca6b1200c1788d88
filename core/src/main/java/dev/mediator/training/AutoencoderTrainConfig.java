package dev.mediator.training;

import dev.mediator.data.DataConfig;
import dev.mediator.tensor.DType;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides what the training of an autoencoder does. Stored in the run directory and in every checkpoint.
 *
 * @param seed seed of initialisation, data order and latents
 * @param steps number of updates
 * @param batchSize images per update
 * @param dtype what the network computes in, F32 or BF16; values, gradients' sum, optimizer and average are always fp32
 * @param optimizer AdamW's settings
 * @param warmupSteps updates over which the learning rate grows linearly to its value
 * @param decay how it goes on
 * @param clipNorm largest norm of the gradient, null for no clipping
 * @param emaDecay decay of the average of the weights
 * @param divergenceWeight weight of the mean Kullback-Leibler divergence beside the mean absolute error of pixels
 * @param logEvery updates between log lines
 * @param checkpointEvery updates between checkpoints
 * @param keepCheckpoints how many of the last checkpoints are kept
 * @param sampleEvery updates between sheets of reconstructions, 0 for none
 * @param network the autoencoder
 * @param data the images
 */
public record AutoencoderTrainConfig(
        long seed,
        int steps,
        int batchSize,
        DType dtype,
        AdamW.Config optimizer,
        int warmupSteps,
        LearningRateDecay decay,
        @Nullable Double clipNorm,
        double emaDecay,
        double divergenceWeight,
        int logEvery,
        int checkpointEvery,
        int keepCheckpoints,
        int sampleEvery,
        AutoencoderSettings network,
        DataConfig data) {

    public AutoencoderTrainConfig {
        require(steps >= 1, "steps", steps, "at least 1");
        require(batchSize >= 1 && batchSize <= 65536, "batchSize", batchSize, "1 to 65536");
        require(dtype == DType.F32 || dtype == DType.BF16, "dtype", dtype, "F32 or BF16");
        require(warmupSteps >= 0, "warmupSteps", warmupSteps, "0 or more");
        require(clipNorm == null || clipNorm > 0, "clipNorm", clipNorm, "above 0, or null");
        require(emaDecay >= 0 && emaDecay < 1, "emaDecay", emaDecay, "0 to below 1");
        require(divergenceWeight >= 0 && divergenceWeight <= 1, "divergenceWeight", divergenceWeight, "0 to 1");
        require(logEvery >= 1, "logEvery", logEvery, "at least 1");
        require(checkpointEvery >= 1, "checkpointEvery", checkpointEvery, "at least 1");
        require(keepCheckpoints >= 1, "keepCheckpoints", keepCheckpoints, "at least 1");
        require(sampleEvery >= 0, "sampleEvery", sampleEvery, "0 or more");
        network.resolve(data.shape()); // checks that they fit
    }

    /**
     * The defaults, on Fashion-MNIST. A divergence of this weight keeps latents of different images apart by no more than
     * needed, and costs the reconstruction little.
     */
    public static AutoencoderTrainConfig defaults() {
        return new AutoencoderTrainConfig(
                0,
                2000,
                64,
                DType.F32,
                new AdamW.Config(1e-3, 0.9, 0.99, 1e-8, 0),
                100,
                LearningRateDecay.COSINE,
                1.0,
                0.995,
                1e-3,
                20,
                250,
                3,
                0,
                AutoencoderSettings.DEFAULT,
                DataConfig.defaults());
    }

    /** Factor of the learning rate for update {@code step}, counted from 0. */
    double rateFactor(long step) {
        return decay.withWarmup(step, warmupSteps, steps);
    }

    private static void require(boolean holds, String field, @Nullable Object value, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException(field + " is " + value + ", allowed is " + allowed);
        }
    }
}
