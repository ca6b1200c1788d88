package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.tensor.Cancellation;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings that cannot be opened leave no native objects. */
class FailedOpeningTest {
    private static final TrainingListener SILENT = new TrainingListener() {};

    @TempDir
    private Path folder;

    /** Writes a checkpoint anew without its last tensor, so that all others are read before that is noticed. */
    private static void damage(Path checkpoint) throws IOException {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            Map<String, String> metadata;
            try (SafeTensors file = SafeTensors.open(checkpoint)) {
                metadata = file.metadata();
                file.all().forEach((name, tensor) -> tensors.put(name, tensor.clone()));
            }
            String last = tensors.keySet().stream()
                    .filter(name -> name.startsWith("optimizer.exp_avg_sq."))
                    .reduce((a, b) -> b)
                    .orElseThrow();
            tensors.remove(last);
            SafeTensorsWriter.write(checkpoint, tensors, metadata);
        }
    }

    private static void assertFailsWithoutALeak(ThrowingCallable opening) {
        assertThatThrownBy(opening).isInstanceOf(Exception.class); // what is made once and kept is made now
        long before = Pointer.totalCount();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(opening).isInstanceOf(Exception.class);
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    @Test
    void aDamagedCheckpointOfATraining() throws IOException {
        RunDirectory run = TinyTraining.train(folder.resolve("run"), TinyTraining.config("steps=1"));
        damage(run.checkpoint(1));
        assertFailsWithoutALeak(() -> Trainer.resume(run, List.of(), SILENT));
    }

    @Test
    void aDamagedCheckpointOfAnAutoencoder() throws IOException {
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        try (AutoencoderTrainer trainer =
                AutoencoderTrainer.start(TinyAutoencoder.training("steps=1"), ComputeDevice.CPU, run, SILENT)) {
            trainer.run();
        }
        damage(run.checkpoint(1));
        assertFailsWithoutALeak(() -> AutoencoderTrainer.resume(run, List.of(), ComputeDevice.CPU, SILENT));
    }

    @Test
    void anOpeningThatIsStopped() {
        Cancellation cancellation = new Cancellation();
        cancellation.request();
        RunDirectory run = new RunDirectory(folder.resolve("run"));
        try (Cancellation.Listening listening = cancellation.listen()) {
            assertFailsWithoutALeak(() -> Trainer.start(TinyTraining.config(), run, SILENT));
            assertFailsWithoutALeak(
                    () -> AutoencoderTrainer.start(TinyAutoencoder.training(), ComputeDevice.CPU, run, SILENT));
        }
    }
}
