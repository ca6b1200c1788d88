package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What downloads and clones leave in place of a file, whichever reader meets it. */
class MistakenFileTest {
    private static final String POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1234\n";
    private static final String PAGE = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "pointer, it is a Git LFS pointer",
        "page, it is an HTML page",
        "empty, it is empty",
        "zeros, it is zeros where its content should begin",
        "gzip, it is compressed with gzip"
    })
    void isCalledWhatItIs(String content, String expected) throws IOException {
        byte[] bytes =
                switch (content) {
                    case "pointer" -> POINTER.getBytes(StandardCharsets.UTF_8);
                    case "page" -> PAGE.getBytes(StandardCharsets.UTF_8);
                    case "zeros" -> new byte[2000];
                    case "gzip" -> new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6};
                    default -> new byte[0];
                };
        Path file = Files.write(folder.resolve("model.safetensors"), bytes);
        assertThatThrownBy(() -> TensorFile.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + " is n")
                .hasMessageContaining(expected);
        assertThatThrownBy(() -> SafeTensors.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + " is not a usable safetensors file")
                .hasMessageContaining(expected);
        assertThatThrownBy(() -> NpzFile.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + " is not a usable zip archive")
                .hasMessageContaining(expected);
    }
}
