package dev.mediator.training;

import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.checkpoint.TensorDigest;
import dev.mediator.data.Batch;
import dev.mediator.data.BatchLoader;
import dev.mediator.data.ImageDataset;
import dev.mediator.data.LoaderConfig;
import dev.mediator.data.Split;
import dev.mediator.nn.FreshParameters;
import dev.mediator.tensor.Cancellation;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import dev.mediator.tensor.UseGuard;
import dev.mediator.vision.FashionClassifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Trains the classifier that pictures of clothing are scored with: cross entropy, AdamW, images mirrored and shifted at
 * random. Same configuration and thread count, same weights, bit for bit.
 *
 * <p>No noise is added in training: features that overlook noise could not tell noisy samples from clean ones.
 */
public final class ClassifierTrainer implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final long SHIFTS = 0x736869667473L; // "shifts"
    private static final int TEST_BATCH = 250;

    /** Weight of the newest update in the mean loss, once there are enough of them. */
    private static final double LOSS_SHARE = 0.02;

    private final ClassifierConfig config;
    private final UseGuard guard = new UseGuard("the training");
    private final ImageDataset training;
    private final ImageDataset test;
    private final FlatParameters parameters;
    private final FashionClassifier network;
    private final AdamW optimizer;
    private double loss;

    private ClassifierTrainer(ClassifierConfig config, ImageDataset training, ImageDataset test) {
        this.config = config;
        this.training = training;
        this.test = test;
        try (Scope scope = Scope.open();
                FashionClassifier fresh = new FashionClassifier(new FreshParameters(config.seed()))) {
            this.parameters = new FlatParameters(fresh.parameters(), Placement.cpu(DType.F32));
        }
        this.network = new FashionClassifier(parameters);
        AdamW.Config rates = AdamW.Config.DEFAULT;
        this.optimizer = new AdamW(
                new AdamW.Config(
                        config.learningRate(), rates.beta1(), rates.beta2(), rates.epsilon(), config.weightDecay()),
                parameters.values());
    }

    /**
     * Opens the data and makes a fresh network.
     *
     * @throws IOException if the data cannot be read
     */
    public static ClassifierTrainer open(ClassifierConfig config) throws IOException {
        ImageDataset training = config.data(Split.TRAIN).open();
        if (training.size() < config.batchSize()) {
            throw new IllegalArgumentException("batchSize is " + config.batchSize() + ", allowed are 1 to "
                    + training.size() + ", the number of training images");
        }
        return new ClassifierTrainer(config, training, config.data(Split.TEST).open());
    }

    /** Number of updates of the whole training. */
    public long steps() {
        return (long) config.epochs() * training.size() / config.batchSize();
    }

    /** Mean of the last updates' losses, about fifty; 0 before the first. */
    public double loss() {
        return loss;
    }

    /**
     * Trains from the first update to the last. It cannot be resumed: it takes minutes.
     *
     * @param listener hears of each update; what it throws ends the training
     * @throws TrainingDivergedException if the loss is not finite
     */
    public void run(TrainingListener listener) throws IOException {
        try (UseGuard.Use use = guard.use()) {
            long steps = steps();
            LoaderConfig loading = LoaderConfig.of(config.seed(), true, config.batchSize());
            try (BatchLoader loader = new BatchLoader(training, loading, 0)) {
                listener.onBegin(UpdateEstimate.seconds(this::forwardOne, config.batchSize()), steps);
                for (long step = 0; step < steps; step++) {
                    double batchLoss = accumulateGradients(loader.next());
                    if (!Double.isFinite(batchLoss)) {
                        throw new TrainingDivergedException(
                                "the loss is " + batchLoss + " at step " + step + "; try a smaller learning rate");
                    }
                    loss += Math.max(LOSS_SHARE, 1.0 / (step + 1)) * (batchLoss - loss);
                    optimizer.step(parameters.values(), parameters.gradients(), config.rateFactor(step, steps));
                    parameters.clearGradients();
                    listener.onStep(step + 1, steps);
                }
            }
        }
    }

    private void forwardOne() {
        try (Scope scope = Scope.open();
                NoGradGuard inference = new NoGradGuard()) {
            long[] image = training.shape().sizes();
            Tensor black = Tensors.zeros(DType.F32, 1, image[0], image[1], image[2]);
            Tensors.scalar(network.logits(network.features(black)).sum());
        }
    }

    private double accumulateGradients(Batch batch) {
        try (Scope scope = Scope.open()) {
            Tensor x = Tensors.of(
                    shifted(batch),
                    batch.size(),
                    1,
                    batch.shape().height(),
                    batch.shape().width());
            Tensor batchLoss = torch.cross_entropy_loss(network.logits(network.features(x)), batch.labels());
            batchLoss.backward();
            return Tensors.scalar(batchLoss);
        }
    }

    /** Each image moved by its own random number of pixels; what comes in is black. */
    private float[] shifted(Batch batch) {
        int height = batch.shape().height();
        int width = batch.shape().width();
        int range = 2 * config.maxShift() + 1;
        float[] moved = new float[batch.pixels().length];
        Arrays.fill(moved, -1);
        for (int i = 0; i < batch.size(); i++) {
            RandomStream random = new RandomStream(config.seed(), SHIFTS).split(batch.position() + i);
            int down = (int) random.below(0, range) - config.maxShift();
            int right = (int) random.below(1, range) - config.maxShift();
            int count = width - Math.abs(right);
            for (int y = Math.max(0, down); y < height + Math.min(0, down); y++) {
                int from = (i * height + y - down) * width + Math.max(0, -right);
                int to = (i * height + y) * width + Math.max(0, right);
                System.arraycopy(batch.pixels(), from, moved, to, count);
            }
        }
        return moved;
    }

    /**
     * Classifies the test split.
     *
     * @throws IOException if an image cannot be read
     */
    public ClassifierScore test() throws IOException {
        try (UseGuard.Use use = guard.use()) {
            long[] right = new long[FashionClassifier.CLASSES];
            long[] total = new long[FashionClassifier.CLASSES];
            for (int from = 0; from < test.size(); from += TEST_BATCH) {
                Cancellation.check();
                long[] predicted = predict(from, Math.min(TEST_BATCH, test.size() - from));
                for (int i = 0; i < predicted.length; i++) {
                    int label = test.label(from + i);
                    total[label]++;
                    right[label] += predicted[i] == label ? 1 : 0;
                }
            }
            List<Double> perClass = new ArrayList<>();
            for (int k = 0; k < right.length; k++) {
                perClass.add(total[k] == 0 ? Double.NaN : (double) right[k] / total[k]);
            }
            return new ClassifierScore(
                    test.size(), (double) Arrays.stream(right).sum() / test.size(), perClass);
        }
    }

    private long[] predict(int from, int count) throws IOException {
        int numel = test.shape().numel();
        float[] pixels = new float[Shapes.arrayLength(count, numel)];
        for (int i = 0; i < count; i++) {
            System.arraycopy(test.load(from + i, false), 0, pixels, i * numel, numel);
        }
        try (Scope scope = Scope.open();
                NoGradGuard inference = new NoGradGuard()) {
            Tensor x = Tensors.of(
                    pixels, count, 1, test.shape().height(), test.shape().width());
            return Tensors.longs(network.logits(network.features(x)).argmax(new LongOptional(1), false));
        }
    }

    /**
     * Writes the weights with class names, configuration and score, whole or not at all.
     *
     * @return SHA-256 of the weights, see {@link TensorDigest}
     * @throws IOException if the file cannot be written
     */
    public String save(Path file, ClassifierScore score) throws IOException {
        try (UseGuard.Use use = guard.use()) {
            ObjectNode provenance = JSON.createObjectNode();
            provenance.put("madeBy", "Mediator train-classifier");
            provenance.set("training", JSON.valueToTree(config));
            provenance.put("trainingImages", training.size());
            provenance.set("test", JSON.valueToTree(score));
            Map<String, String> metadata = new LinkedHashMap<>();
            metadata.put("network", "FashionClassifier");
            metadata.put("classNames", JSON.writeValueAsString(training.classNames()));
            metadata.put("provenance", JSON.writeValueAsString(provenance));
            SafeTensorsWriter.write(file, network.parameters(), metadata);
            return TensorDigest.sha256(network.parameters());
        }
    }

    /** Names of the classes. */
    public List<String> classNames() {
        return training.classNames();
    }

    @Override
    public void close() {
        guard.close(() -> {
            network.close();
            parameters.close();
            optimizer.close();
        });
    }
}
