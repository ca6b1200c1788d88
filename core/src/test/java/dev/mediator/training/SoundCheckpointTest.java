package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoundCheckpointTest {
    @TempDir
    private Path folder;

    private final List<String> notes = new ArrayList<>();

    private final TrainingListener listener = new TrainingListener() {
        @Override
        public void onNote(String note) {
            notes.add(note);
        }
    };

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @Test
    void aRunWithoutCheckpointsHasNone() throws IOException {
        assertThat(SoundCheckpoint.of(new RunDirectory(folder), listener)).isNull();
    }

    @Test
    void theNewestIsTakenIfItIsSound() throws IOException {
        RunDirectory run = run(10, 20);
        assertThat(SoundCheckpoint.of(run, listener)).isEqualTo(run.checkpoint(20));
        assertThat(notes).isEmpty();
    }

    @Test
    void aDamagedOneIsPutAsideAndTheOlderOneTaken() throws IOException {
        RunDirectory run = run(10, 20, 30);
        damage(run.checkpoint(20));
        Files.write(run.checkpoint(30), new byte[3]);

        assertThat(SoundCheckpoint.of(run, listener)).isEqualTo(run.checkpoint(10));
        assertThat(run.checkpoints()).containsExactly(run.checkpoint(10));
        assertThat(run.checkpoint(20).resolveSibling("step-00000020.safetensors.damaged"))
                .exists();
        assertThat(notes).hasSize(2);
        assertThat(notes.get(0))
                .contains(run.checkpoint(30).toString(), run.checkpoint(10).toString());
        assertThat(notes.get(1))
                .startsWith(run.checkpoint(20) + " is damaged: the numbers of tensor 'w'")
                .endsWith("the run goes on from " + run.checkpoint(10));
    }

    @Test
    void ifAllAreDamagedAllAreNamed() throws IOException {
        RunDirectory run = run(10, 20);
        damage(run.checkpoint(10));
        damage(run.checkpoint(20));
        assertThatThrownBy(() -> SoundCheckpoint.of(run, listener))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("no checkpoint of " + folder + " can be used: ")
                .hasMessageContaining(run.checkpoint(10).toString())
                .hasMessageContaining(run.checkpoint(20).toString());
        assertThat(run.checkpoints()).hasSize(2);
    }

    /** A copy of an old one under a higher number would hide the newest. */
    @Test
    void aCheckpointOfAnotherStepThanItsNameIsPutAside() throws IOException {
        RunDirectory run = run(10, 20);
        Files.copy(run.checkpoint(10), run.checkpoint(90));

        assertThat(SoundCheckpoint.of(run, listener)).isEqualTo(run.checkpoint(20));
        assertThat(notes)
                .containsExactly(run.checkpoint(90)
                        + " holds the training after 10 updates, not after 90 as its name says. Put aside as *.damaged; the"
                        + " run goes on from " + run.checkpoint(20));
        assertThat(run.checkpoints()).containsExactly(run.checkpoint(10), run.checkpoint(20));
    }

    @Test
    void anOlderNameThanItsStepIsNotUsedEither() throws IOException {
        RunDirectory run = run(20);
        Files.move(run.checkpoint(20), run.checkpoint(3));
        assertThatThrownBy(() -> SoundCheckpoint.of(run, listener))
                .isInstanceOf(IOException.class)
                .hasMessage("no checkpoint of " + folder + " can be used: " + run.checkpoint(3)
                        + " holds the training after 20 updates, not after 3 as its name says");
        assertThat(run.checkpoint(3)).exists();
    }

    @Test
    void aNetworkUnderTheNameOfACheckpointIsPutAside() throws IOException {
        RunDirectory run = run(10);
        write(run.checkpoint(30), Map.of());
        write(run.checkpoint(40), Map.of("step", "forty"));

        assertThat(SoundCheckpoint.of(run, listener)).isEqualTo(run.checkpoint(10));
        assertThat(notes).hasSize(2);
        assertThat(notes.get(0)).contains("is not a checkpoint of a training: its metadata has the 'step' 'forty'");
        assertThat(notes.get(1)).contains("is not a checkpoint of a training: its metadata has no 'step'");
    }

    private RunDirectory run(long... steps) throws IOException {
        RunDirectory run = new RunDirectory(folder);
        for (long step : steps) {
            write(run.checkpoint(step), Map.of("step", "" + step));
        }
        return run;
    }

    private static void write(Path checkpoint, Map<String, String> metadata) throws IOException {
        try (Scope scope = Scope.open()) {
            SafeTensorsWriter.write(checkpoint, Map.of("w", Tensors.zeros(DType.F32, 64)), metadata);
        }
    }

    private static void damage(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 100] ^= 1;
        Files.write(file, bytes);
    }
}
