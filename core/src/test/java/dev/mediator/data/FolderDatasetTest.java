package dev.mediator.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.mediator.image.Picture;
import dev.mediator.image.PngFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderDatasetTest {
    @TempDir
    Path root;

    @BeforeEach
    void writePictures() throws IOException {
        PngFile.write(root.resolve("dog/b.png"), plain(8, 8, 3, 200));
        PngFile.write(root.resolve("dog/a.png"), plain(8, 8, 1, 100));
        PngFile.write(root.resolve("cat/one.PNG"), plain(12, 8, 3, 50));
        ImageIO.write(
                new BufferedImage(20, 10, BufferedImage.TYPE_3BYTE_BGR),
                "bmp",
                root.resolve("cat/two.bmp").toFile());
        Files.writeString(root.resolve("cat/notes.txt"), "not a picture");
        Files.writeString(root.resolve("cat/.hidden.png"), "not a picture");
        Files.createDirectories(root.resolve(".git"));
        Files.writeString(root.resolve("README.md"), "not a class");
    }

    @Test
    void classesAreTheFoldersInTheOrderOfTheirNames() throws IOException {
        ImageDataset data = config(Split.ALL, false).open();
        assertThat(data.classNames()).containsExactly("cat", "dog");
        assertThat(data.size()).isEqualTo(4);
        assertThat(List.of(data.label(0), data.label(1), data.label(2), data.label(3)))
                .containsExactly(0, 0, 1, 1);
        assertThat(data.shape()).isEqualTo(new ImageShape(3, 8, 8));
        assertThat(data.skipped()).isEmpty();
        // cat/one, cat/two, dog/a, dog/b
        assertThat(data.load(0, false)).hasSize(3 * 8 * 8).containsOnly(50 / 127.5f - 1);
        assertThat(data.load(1, false)).containsOnly(-1f);
        assertThat(data.load(2, false)).containsOnly(100 / 127.5f - 1);
        assertThat(data.load(3, false)).containsOnly(200 / 127.5f - 1);
    }

    @Test
    void cropsTheMiddleChannelsFirstAndFlips() throws IOException {
        byte[] samples = new byte[12 * 8 * 3];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) (i % 251);
        }
        Picture picture = Picture.of(12, 8, 3, samples);
        PngFile.write(root.resolve("cat/one.PNG"), picture);
        ImageDataset data = config(Split.ALL, false).open();
        float[] straight = data.load(0, false);
        float[] mirrored = data.load(0, true);
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < 8; y++) {
                for (int x = 0; x < 8; x++) {
                    float expected = picture.sample(x + 2, y, c) / 127.5f - 1;
                    assertThat(straight[(c * 8 + y) * 8 + x]).isEqualTo(expected);
                    assertThat(mirrored[(c * 8 + y) * 8 + 7 - x]).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void greyModelsGetGreyImages() throws IOException {
        DataConfig grey = new DataConfig(DataType.FOLDER, root.toString(), Split.ALL, 4, 0, 1, false, false, List.of());
        assertThat(grey.open().load(3, false)).hasSize(16).containsOnly(200 / 127.5f - 1);
    }

    @Test
    void splitsAreFolders() throws IOException {
        PngFile.write(root.resolve("set/train/only/a.png"), plain(8, 8, 3, 1));
        PngFile.write(root.resolve("set/test/only/a.png"), plain(8, 8, 3, 2));
        PngFile.write(root.resolve("set/test/only/b.png"), plain(8, 8, 3, 2));
        DataConfig config =
                config(Split.TRAIN, false).withPath(root.resolve("set").toString());
        assertThat(config.open().size()).isEqualTo(1);
        assertThat(config.withSplit(Split.TEST).open().size()).isEqualTo(2);
        assertThatIOException()
                .isThrownBy(() -> config(Split.TEST, false).open())
                .withMessageContaining(root.resolve("test").toString())
                .withMessageContaining("set data.split to all");
    }

    @Test
    void foldersWithoutClassesOrImagesAreReported() throws IOException {
        Path empty = Files.createDirectories(root.resolve("empty"));
        assertThatIOException()
                .isThrownBy(() ->
                        config(Split.ALL, false).withPath(empty.toString()).open())
                .withMessageContaining(empty + " has no class");
        assertThatIOException()
                .isThrownBy(() -> config(Split.ALL, false).open())
                .withMessageContaining(empty + " has no image");
        assertThatIOException()
                .isThrownBy(() ->
                        config(Split.ALL, false).withPath(root + "/nothing").open())
                .withMessageContaining("nothing is not a folder: set data.path");
    }

    @Test
    void anUnreadableImageIsAnErrorThatNamesIt() throws IOException {
        Path broken = root.resolve("dog/a.png");
        Files.writeString(broken, "damaged");
        ImageDataset data = config(Split.ALL, false).open();
        assertThat(data.size()).isEqualTo(4);
        assertThatIOException().isThrownBy(() -> data.load(2, false)).withMessageContaining(broken.toString());
    }

    @Test
    void unreadableImagesAreSkippedAndCountedOnRequest() throws IOException {
        Path broken = root.resolve("dog/a.png");
        Files.writeString(broken, "damaged");
        ImageDataset data = config(Split.ALL, true).open();
        assertThat(data.skipped()).containsExactly(broken);
        assertThat(data.size()).isEqualTo(3);
        assertThat(data.load(2, false)).containsOnly(200 / 127.5f - 1);
        Files.writeString(root.resolve("dog/b.png"), "damaged");
        assertThatIOException()
                .isThrownBy(() -> config(Split.ALL, true).open())
                .withMessageContaining(root.resolve("dog") + " has no readable image");
    }

    @Test
    void batchesComeFromFoldersToo() throws IOException {
        try (BatchLoader loader = new BatchLoader(config(Split.ALL, false).open(), LoaderConfig.of(0, true, 4), 0)) {
            Batch batch = loader.next();
            assertThat(batch.classes()).containsExactlyInAnyOrder(0, 0, 1, 1);
            assertThat(batch.pixels()).hasSize(4 * 3 * 64);
        }
    }

    private DataConfig config(Split split, boolean skipUnreadable) {
        return new DataConfig(DataType.FOLDER, root.toString(), split, 8, 0, 3, false, skipUnreadable, List.of());
    }

    private static Picture plain(int width, int height, int channels, int sample) {
        byte[] samples = new byte[width * height * channels];
        Arrays.fill(samples, (byte) sample);
        return Picture.of(width, height, channels, samples);
    }
}
