package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderOfNetworksTest {
    @TempDir
    private Path run;

    @Test
    void aFolderInPlaceOfAFileTellsWhichFileToName() throws IOException {
        assertThatThrownBy(() -> TensorFile.open(run)).hasMessage(run + ": does not exist or is not a file");
        Path checkpoints = Files.createDirectories(run.resolve("checkpoints"));
        Files.createFile(checkpoints.resolve("step-00000090.safetensors"));
        Path newest = Files.createFile(checkpoints.resolve("step-00000100.safetensors"));
        Files.createFile(checkpoints.resolve("step-00000110.safetensors.tmp"));
        assertThatThrownBy(() -> TensorFile.open(run))
                .hasMessage(run + " is a folder: the training in it is not finished; name its newest checkpoint, "
                        + newest);
        Path model = Files.createFile(run.resolve("model.safetensors"));
        assertThatThrownBy(() -> TensorFile.open(run)).hasMessage(run + " is a folder: name its network, " + model);
    }
}
