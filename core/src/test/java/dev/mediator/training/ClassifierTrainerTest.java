package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorDigest;
import dev.mediator.nn.StoredParameters;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.vision.FashionClassifier;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trains on the excerpt's 200 images. */
class ClassifierTrainerTest {
    @TempDir
    private Path folder;

    private int threads;

    @BeforeEach
    void oneThread() {
        threads = Engine.threads();
        Engine.start(1);
    }

    @AfterEach
    void allThreads() {
        Engine.start(threads);
    }

    @Test
    void learns() throws Exception {
        List<Double> losses = new ArrayList<>();
        try (ClassifierTrainer trainer = ClassifierTrainer.open(config(8, 0))) {
            trainer.run(new TrainingListener() {
                @Override
                public void onStep(long step, long totalSteps) {
                    losses.add(trainer.loss());
                    assertThat(totalSteps).isEqualTo(8 * 200 / 20);
                }
            });
            ClassifierScore score = trainer.test();

            assertThat(losses).hasSize(80);
            assertThat(losses.get(0)).isCloseTo(Math.log(10), within(1e-4)); // a last layer of zeros knows nothing
            assertThat(losses.get(79)).isLessThan(1.9);
            assertThat(score.images()).isEqualTo(100);
            assertThat(score.accuracy()).isGreaterThan(0.35);
            assertThat(score.classAccuracy()).hasSize(10);
        }
    }

    @Test
    void theSameSeedGivesTheSameWeights() throws Exception {
        String first = trainAndSave("a", config(1, 3));
        String second = trainAndSave("b", config(1, 3));
        String other = trainAndSave("c", config(1, 4));

        assertThat(second).isEqualTo(first);
        assertThat(other).isNotEqualTo(first);
    }

    @Test
    void theFileHoldsNetworkAndProvenance() throws Exception {
        String sha256 = trainAndSave("a", config(1, 0));

        try (Scope scope = Scope.open();
                SafeTensors file = SafeTensors.open(folder.resolve("a.safetensors"));
                FashionClassifier network = new FashionClassifier(new StoredParameters(file.all(), DType.F32))) {
            assertThat(TensorDigest.sha256(network.parameters())).isEqualTo(sha256);
            assertThat(file.metadata().get("classNames")).contains("Ankle boot");
            assertThat(file.metadata().get("provenance")).contains("\"seed\":0", "\"accuracy\":0.");
        }
    }

    @Test
    void anInterruptedTrainingLeavesNothing() throws Exception {
        try (ClassifierTrainer trainer = ClassifierTrainer.open(config(5, 0))) {
            assertThatThrownBy(() -> trainer.run(new TrainingListener() {
                        @Override
                        public void onStep(long step, long totalSteps) {
                            if (step == 2) {
                                throw new CancellationException();
                            }
                        }
                    }))
                    .isInstanceOf(CancellationException.class);
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void badSettingsAreRefused() {
        assertThatThrownBy(() -> config(0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("epochs is 0, allowed is 1 to 10000");
        assertThatThrownBy(() -> ClassifierTrainer.open(new ClassifierConfig(excerpt(), 1, 201, 0.01, 0, 1, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("batchSize is 201, allowed are 1 to 200, the number of training images");
        assertThatThrownBy(
                        () -> ClassifierTrainer.open(ClassifierConfig.defaults().withDataPath(folder.toString())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("dataset-fashion-mnist");
    }

    @Test
    void theLearningRateRisesAndFalls() {
        ClassifierConfig config = config(1, 0);

        assertThat(config.rateFactor(0, 100)).isBetween(0.01, 0.3);
        assertThat(config.rateFactor(5, 100)).isEqualTo(1);
        assertThat(config.rateFactor(52, 100)).isBetween(0.5, 0.52);
        assertThat(config.rateFactor(99, 100)).isBetween(0.0, 0.001);
    }

    private String trainAndSave(String name, ClassifierConfig config) throws IOException {
        try (ClassifierTrainer trainer = ClassifierTrainer.open(config)) {
            trainer.run(new TrainingListener() {});
            return trainer.save(folder.resolve(name + ".safetensors"), trainer.test());
        }
    }

    private static ClassifierConfig config(int epochs, long seed) {
        return new ClassifierConfig(excerpt(), epochs, 20, 0.003, 0.05, 1, seed);
    }

    private static String excerpt() {
        try {
            return Path.of(ClassifierTrainerTest.class
                            .getResource("/fashion-mnist")
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
