package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When numbers stop being numbers, training stops, and what was good is kept. */
class TrainingDivergenceTest {
    private static final TrainingListener SILENT = new TrainingListener() {};
    private static final String LAST = "final_layer.linear.weight";

    @TempDir
    private Path folder;

    @BeforeAll
    static void oneThread() {
        Engine.start(1);
    }

    @AfterAll
    static void allThreads() {
        Engine.start(Engine.physicalCores());
    }

    @Test
    void weightsThatAreNoNumbersStopAtTheFirstUpdate() throws IOException {
        Path initial = folder.resolve("initial.safetensors");
        TinyTraining.writeInitial(initial, TinyTraining.config(), LAST, Double.NaN);
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        try (Trainer trainer = Trainer.start(TinyTraining.config("initFrom=" + initial), run, SILENT)) {
            assertThatThrownBy(trainer::run)
                    .isInstanceOf(TrainingDivergedException.class)
                    .hasMessage("the loss is NaN at step 0; there is no checkpoint from before; try a smaller learning"
                            + " rate");
        }
        assertThat(run.checkpoints()).isEmpty();
        assertThat(run.model()).doesNotExist();
    }

    /** The loss is large but a number, its gradient is not: an update would make all weights NaN. */
    @Test
    void aGradientThatIsNoNumberIsNotApplied() throws IOException {
        Path initial = folder.resolve("initial.safetensors");
        TinyTraining.writeInitial(initial, TinyTraining.config(), LAST, 1e17);
        for (String clipping : List.of("clipNorm=null", "clipNorm=1")) {
            RunDirectory run = new RunDirectory(folder.resolve(clipping));
            TrainConfig config = TinyTraining.config("initFrom=" + initial, "checkpointEvery=1", clipping);
            try (Trainer trainer = Trainer.start(config, run, SILENT)) {
                assertThatThrownBy(trainer::run)
                        .isInstanceOf(TrainingDivergedException.class)
                        .hasMessageStartingWith("the gradient's norm is ")
                        .hasMessageContaining(" at step 0; ");
                trainer.weights()
                        .forEach((name, tensor) ->
                                assertThat(Tensors.isFinite(tensor)).as(name).isTrue());
            }
            assertThat(run.checkpoints()).isEmpty();
        }
    }

    /** The newest checkpoint is the one whose weights have no loss: it is not good, the one before is. */
    @Test
    void theLastGoodCheckpointIsKeptAndNamed() throws IOException {
        TrainConfig config = TinyTraining.config("steps=8", "checkpointEvery=2", "keepCheckpoints=2");
        RunDirectory run = TinyTraining.train(folder.resolve("run"), config);
        poison(run.checkpoint(8));
        try (Trainer trainer = Trainer.resume(run, List.of("steps=12"), SILENT)) {
            assertThatThrownBy(trainer::run)
                    .isInstanceOf(TrainingDivergedException.class)
                    .hasMessage("the loss is NaN at step 8; the last good checkpoint is " + run.checkpoint(6)
                            + "; try a smaller learning rate");
        }
        assertThat(run.checkpoints()).contains(run.checkpoint(6));
    }

    private static void poison(Path checkpoint) throws IOException {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors;
            Map<String, String> metadata;
            try (SafeTensors file = SafeTensors.open(checkpoint)) {
                tensors = new HashMap<>(file.all());
                metadata = file.metadata();
            }
            tensors.computeIfPresent(
                    "model." + LAST, (name, tensor) -> tensor.clone().fill_(new Scalar(Double.NaN)));
            SafeTensorsWriter.write(checkpoint, tensors, metadata);
        }
    }
}
