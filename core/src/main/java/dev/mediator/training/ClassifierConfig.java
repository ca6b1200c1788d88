package dev.mediator.training;

import dev.mediator.data.DataConfig;
import dev.mediator.data.DataType;
import dev.mediator.data.Split;
import dev.mediator.vision.FashionClassifier;

/**
 * How a {@link FashionClassifier} is trained. The learning rate grows over the first twentieth and goes down to zero on half a
 * cosine.
 *
 * @param dataPath folder with the four IDX files of Fashion-MNIST
 * @param epochs passes over the training split
 * @param batchSize images per update
 * @param learningRate largest rate of AdamW
 * @param weightDecay of AdamW
 * @param maxShift largest random shift of a training image along each axis, in pixels
 * @param seed of initialisation, order, mirroring and shifts
 */
public record ClassifierConfig(
        String dataPath, int epochs, int batchSize, double learningRate, double weightDecay, int maxShift, long seed) {
    public ClassifierConfig {
        require(epochs >= 1 && epochs <= 10_000, "epochs", epochs, "1 to 10000");
        require(batchSize >= 1 && batchSize <= 65536, "batchSize", batchSize, "1 to 65536");
        require(learningRate > 0 && learningRate <= 1, "learningRate", learningRate, "above 0, at most 1");
        require(weightDecay >= 0 && weightDecay <= 1, "weightDecay", weightDecay, "0 to 1");
        require(maxShift >= 0 && maxShift < FashionClassifier.INPUT_SIZE, "maxShift", maxShift, "0 to 27");
    }

    /** What the shipped classifier was trained with. */
    public static ClassifierConfig defaults() {
        return new ClassifierConfig(DataConfig.defaults().path(), 16, 64, 1e-2, 0.05, 1, 0);
    }

    /** The same with other data. */
    public ClassifierConfig withDataPath(String path) {
        return new ClassifierConfig(path, epochs, batchSize, learningRate, weightDecay, maxShift, seed);
    }

    /** The same with another number of passes over the data. */
    public ClassifierConfig withEpochs(int count) {
        return new ClassifierConfig(dataPath, count, batchSize, learningRate, weightDecay, maxShift, seed);
    }

    /** The same with another seed. */
    public ClassifierConfig withSeed(long other) {
        return new ClassifierConfig(dataPath, epochs, batchSize, learningRate, weightDecay, maxShift, other);
    }

    /** The images at their own size of 28×28. */
    DataConfig data(Split split) {
        return new DataConfig(
                DataType.IDX,
                dataPath,
                split,
                FashionClassifier.INPUT_SIZE,
                0,
                1,
                true,
                false,
                DataConfig.defaults().classNames());
    }

    /** Factor of the learning rate for update {@code step}, counted from 0. */
    double rateFactor(long step, long steps) {
        double warmup = steps / 20.0;
        return step < warmup
                ? (step + 1) / (warmup + 1)
                : LearningRateDecay.COSINE.factor((step - warmup) / (steps - warmup));
    }

    private static void require(boolean holds, String field, Number value, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException(field + " is " + value + ", allowed is " + allowed);
        }
    }
}
