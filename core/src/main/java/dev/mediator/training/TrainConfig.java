package dev.mediator.training;

import dev.mediator.data.DataConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import dev.mediator.transport.Transport;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides what a training does. Stored in the run directory and in every checkpoint.
 *
 * @param seed seed of initialisation, data order, noise, times, label dropout and mediator counts
 * @param steps number of updates
 * @param batchSize images per update, over all processes
 * @param accumulate micro-batches that a batch is split into, to save memory
 * @param recomputeActivations whether blocks are computed a second time in the backward pass instead of keeping what it needs, to
 *     save memory; gradients are the same
 * @param dtype what the network computes in, F32 or BF16; values, gradients' sum, optimizer and average are always fp32
 * @param optimizer AdamW's settings
 * @param warmupSteps updates over which the learning rate grows linearly to its value
 * @param decay how it goes on
 * @param clipNorm largest norm of the gradient, null for no clipping
 * @param emaDecay decay of the average of the weights
 * @param labelDropout share of samples trained without their class
 * @param mediatorWeights elastic models only: how often each entry of {@code model.mediators} is drawn, relative to the
 *     others; empty for all alike
 * @param initFrom checkpoint to start from, null for fresh weights
 * @param codec folder of the autoencoder whose latents the network learns, null for pixels
 * @param latents folder of latents that were encoded before, which are read instead of the images; null for none
 * @param logEvery updates between log lines
 * @param checkpointEvery updates between checkpoints
 * @param keepCheckpoints how many of the last checkpoints are kept
 * @param sampleEvery updates between sample sheets, 0 for none
 * @param exportDtype element type of the finished network's file: F32, F16 or BF16
 * @param transport path, prediction and weighting of the loss
 * @param model the network
 * @param data the images
 */
public record TrainConfig(
        long seed,
        int steps,
        int batchSize,
        int accumulate,
        boolean recomputeActivations,
        DType dtype,
        AdamW.Config optimizer,
        int warmupSteps,
        LearningRateDecay decay,
        @Nullable Double clipNorm,
        double emaDecay,
        double labelDropout,
        List<Double> mediatorWeights,
        @Nullable String initFrom,
        @Nullable String codec,
        @Nullable String latents,
        int logEvery,
        int checkpointEvery,
        int keepCheckpoints,
        int sampleEvery,
        DType exportDtype,
        Transport transport,
        ModelSettings model,
        DataConfig data) {

    public TrainConfig {
        require(steps >= 1, "steps", steps, "at least 1");
        require(batchSize >= 1 && batchSize <= 65536, "batchSize", batchSize, "1 to 65536");
        require(
                accumulate >= 1 && batchSize % accumulate == 0,
                "accumulate",
                accumulate,
                "a divisor of batchSize " + batchSize);
        require(dtype == DType.F32 || dtype == DType.BF16, "dtype", dtype, "F32 or BF16");
        require(warmupSteps >= 0, "warmupSteps", warmupSteps, "0 or more");
        require(clipNorm == null || clipNorm > 0, "clipNorm", clipNorm, "above 0, or null");
        require(emaDecay >= 0 && emaDecay < 1, "emaDecay", emaDecay, "0 to below 1");
        require(labelDropout >= 0 && labelDropout <= 1, "labelDropout", labelDropout, "0 to 1");
        require(logEvery >= 1, "logEvery", logEvery, "at least 1");
        require(checkpointEvery >= 1, "checkpointEvery", checkpointEvery, "at least 1");
        require(keepCheckpoints >= 1, "keepCheckpoints", keepCheckpoints, "at least 1");
        require(sampleEvery >= 0, "sampleEvery", sampleEvery, "0 or more");
        require(
                exportDtype == DType.F32 || exportDtype == DType.F16 || exportDtype == DType.BF16,
                "exportDtype",
                exportDtype,
                "F32, F16 or BF16");
        mediatorWeights = List.copyOf(mediatorWeights);
        require(
                mediatorWeights.isEmpty()
                        || mediatorWeights.size() == model.mediators().size(),
                "mediatorWeights",
                mediatorWeights,
                "one number for each of model.mediators " + model.mediators() + ", or none");
        require(
                mediatorWeights.stream().allMatch(w -> w >= 0)
                        && (mediatorWeights.isEmpty()
                                || mediatorWeights.stream().anyMatch(w -> w > 0)),
                "mediatorWeights",
                mediatorWeights,
                "0 or more, at least one above 0");
    }

    /** What a user should know of counts that the network has and that are never drawn; empty if there are none. */
    Optional<String> untrainedCounts() {
        List<MediatorCount> never = IntStream.range(0, mediatorWeights.size())
                .filter(i -> mediatorWeights.get(i) == 0)
                .mapToObj(i -> model.mediators().get(i))
                .toList();
        return never.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "mediatorWeights is 0 for " + never
                                + " of model.mediators: they are not trained, and what the network makes with them may be noise");
    }

    /** The defaults: the published recipe, with a batch and a length for a CPU, on Fashion-MNIST. */
    public static TrainConfig defaults() {
        return new TrainConfig(
                0,
                10_000,
                64,
                1,
                false,
                DType.BF16,
                AdamW.Config.DEFAULT,
                0,
                LearningRateDecay.CONSTANT,
                null,
                0.9999,
                0.1,
                List.of(),
                null,
                null,
                null,
                20,
                500,
                3,
                0,
                DType.F32,
                Transport.LINEAR_VELOCITY,
                ModelSettings.DEFAULT,
                DataConfig.defaults());
    }

    /** @throws IllegalArgumentException if so many processes cannot share each micro-batch evenly */
    public void requireShares(int processes) {
        int images = batchSize / accumulate;
        require(
                images % processes == 0,
                "the number of processes",
                processes,
                "a divisor of the " + images + " images that are computed at a time (batchSize " + batchSize
                        + ", accumulate " + accumulate + ")");
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
