package dev.mediator.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CannotWriteTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "Disk quota exceeded,the disk quota is used up",
        "Read-only file system,its file system is read-only",
        "Too many open files,too many files are open ('ulimit -n' tells how many may be)",
        "File too large,it would be larger than this process or its file system may write",
        "File name too long,its name is too long"
    })
    void theReasonIsSaid(String said, String meaning) {
        Path file = folder.resolve("a.png");
        for (IOException failure :
                new IOException[] {new IOException(said), new FileSystemException(file + ".tmp", null, said)}) {
            assertThat(CannotWriteException.of(file, failure)).hasMessage(file + " cannot be written: " + meaning);
        }
    }

    @Test
    void aFullDiskTellsWhatIsLeft() {
        Path file = folder.resolve("new/a.png");
        assertThat(CannotWriteException.of(file, new IOException("No space left on device"))
                        .getMessage())
                .matches("\\Q" + file + "\\E cannot be written: the disk is full \\([0-9.]+ MB are free in \\Q" + folder
                        + "\\E\\)");
        assertThat(CannotWriteException.of(file, new AccessDeniedException("x")))
                .hasMessage(file + " cannot be written: permission denied");
        IOException other = new IOException("the tensor is damaged");
        assertThat(CannotWriteException.of(file, other)).isSameAs(other);
    }

    @Test
    void whatWasThereStaysAndNothingElseDoes() throws IOException {
        Path file = Files.writeString(folder.resolve("a.bin"), "before");
        assertThatThrownBy(() -> WholeFile.write(file, channel -> {
                    WholeFile.writeFully(channel, ByteBuffer.allocate(1000));
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(CannotWriteException.class)
                .hasMessageStartingWith(file + " cannot be written: the disk is full");
        assertThat(file).hasContent("before");
        assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aDeviceWithoutSpaceIsRecognised() {
        assertThatThrownBy(() -> WholeFile.append(Path.of("/dev/full"), "a line\n"))
                .hasMessageStartingWith("/dev/full cannot be written: the disk is full");
        Path below = folder.resolve("x".repeat(300));
        assertThatThrownBy(() -> WholeFile.write(below, "text"))
                .hasMessage(below + " cannot be written: its name is too long");
    }

    /** Folders of the system take no files, whoever writes. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void theTargetIsNamedNotWhatIsMadeBeside() {
        Path target = Path.of("/proc/mediator.json");
        String message = target + " cannot be written: its folder takes no new files";
        assertThatIOException().isThrownBy(() -> WholeFile.write(target, "{}")).withMessage(message);
        assertThatIOException()
                .isThrownBy(() -> FolderLock.ofFile(target, "test"))
                .withMessage(message);
    }
}
