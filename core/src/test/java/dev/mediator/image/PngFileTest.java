package dev.mediator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PngFileTest {
    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        for (int channels : new int[] {1, 3}) {
            Picture picture = noise(37, 21, channels);
            Path file = folder.resolve("new/folder/noise.png");
            PngFile.write(file, picture);
            assertThat(PictureFile.read(file)).isEqualTo(picture);
        }
    }

    @Test
    void theSamePixelsGiveTheSameBytes() {
        assertThat(PngFile.encode(noise(50, 50, 3))).isEqualTo(PngFile.encode(noise(50, 50, 3)));
        assertThat(PngFile.encode(noise(50, 50, 3))).isNotEqualTo(PngFile.encode(noise(50, 51, 3)));
    }

    @Test
    void anExistingFileIsReplacedAndNothingElseIsLeft() throws IOException {
        Path file = folder.resolve("a.png");
        Files.writeString(file, "old");
        PngFile.write(file, noise(5, 5, 1));
        assertThat(PictureFile.read(file)).isEqualTo(noise(5, 5, 1));
        assertThat(files()).containsExactly(file);
    }

    @Test
    void aFailedWriteLeavesNothing() throws IOException {
        Path occupied = folder.resolve("a.png");
        Files.createDirectories(occupied.resolve("not empty"));
        assertThatIOException()
                .isThrownBy(() -> PngFile.write(occupied, noise(5, 5, 1)))
                .withMessageContaining("a.png");
        assertThat(files()).containsExactly(occupied);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static Picture noise(int width, int height, int channels) {
        byte[] samples = new byte[width * height * channels];
        new Random(7).nextBytes(samples);
        return Picture.of(width, height, channels, samples);
    }
}
