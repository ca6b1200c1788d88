package dev.mediator.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxDatasetTest {
    private static final byte[] TWO_IMAGES = {
        0,
        51,
        (byte) 255,
        102, // first: 2×2
        1,
        2,
        3,
        4
    };

    @TempDir
    Path folder;

    @Test
    void readsTheExcerpt() throws IOException {
        ImageDataset train = Excerpt.config().open();
        assertThat(train.size()).isEqualTo(200);
        assertThat(train.shape()).isEqualTo(new ImageShape(1, 32, 32));
        assertThat(train.classNames()).hasSize(10).startsWith("T-shirt/top").endsWith("Ankle boot");
        assertThat(train.classCount()).isEqualTo(10);
        assertThat(List.of(train.label(0), train.label(1), train.label(3))).containsExactly(9, 0, 3);
        int[] perClass = new int[10];
        for (int i = 0; i < train.size(); i++) {
            perClass[train.label(i)]++;
        }
        assertThat(perClass).containsOnly(20);
        assertThat(Excerpt.config().withSplit(Split.TEST).open().size()).isEqualTo(100);
    }

    @Test
    void centresTheImageOnBlackAndScalesToMinusOneToOne() throws IOException {
        float[] boot = Excerpt.config().open().load(0, false);
        assertThat(boot).hasSize(32 * 32);
        for (int i = 0; i < 32; i++) {
            assertThat(new float[] {boot[i], boot[32 + i], boot[30 * 32 + i], boot[32 * i + 1], boot[32 * i + 31]})
                    .containsOnly(-1f);
        }
        assertThat(boot[16 * 32 + 16]).isEqualTo(217 / 127.5f - 1); // row 14, column 14 of the file
        double sum = 0;
        for (float v : boot) {
            sum += (v + 1) * 127.5;
        }
        assertThat(sum).isCloseTo(76247, offset(0.5)); // the sum of the image's bytes, counted independently
    }

    @Test
    void averagesWholeSquaresWhenTheImageIsReduced() throws IOException {
        float[] boot = Excerpt.config().withImageSize(16).open().load(0, false);
        assertThat(boot).hasSize(16 * 16);
        // rows 10 and 11, columns 12 and 13 of the file: bytes 00 c1 / 0c db
        assertThat(boot[6 * 16 + 7]).isEqualTo((0xc1 + 0x0c + 0xdb) / 4f / 127.5f - 1);
    }

    @Test
    void flipsLeftAndRight() throws IOException {
        ImageDataset train = Excerpt.config().open();
        float[] straight = train.load(0, false);
        float[] mirrored = train.load(0, true);
        for (int y = 0; y < 32; y++) {
            for (int x = 0; x < 32; x++) {
                assertThat(mirrored[32 * y + x]).isEqualTo(straight[32 * y + 31 - x]);
            }
        }
        assertThat(mirrored).isNotEqualTo(straight);
    }

    @Test
    void repeatsTheGreyPlaneForColour() throws IOException {
        write("train", idx(2051, TWO_IMAGES, 2, 2, 2), idx(2049, new byte[] {1, 0}, 2), false);
        float[] pixels = small(2, 0, 3, List.of()).open().load(0, false);
        assertThat(pixels).hasSize(12);
        float[] plane = {-1, 51 / 127.5f - 1, 1, 102 / 127.5f - 1};
        for (int c = 0; c < 3; c++) {
            assertThat(Arrays.copyOfRange(pixels, 4 * c, 4 * c + 4)).containsExactly(plane);
        }
    }

    @Test
    void readsFilesThatAreNotCompressed() throws IOException {
        write("train", idx(2051, TWO_IMAGES, 2, 2, 2), idx(2049, new byte[] {1, 0}, 2), false);
        ImageDataset data = small(2, 0, 1, List.of()).open();
        assertThat(data.classNames()).containsExactly("0", "1");
        assertThat(data.label(0)).isEqualTo(1);
        assertThat(data.load(1, false)[3]).isEqualTo(4 / 127.5f - 1);
    }

    @Test
    void missingFilesAreNamedWithTheRemedy() {
        assertThatIOException()
                .isThrownBy(() -> small(2, 0, 1, List.of()).open())
                .withMessageContaining("train-images-idx3-ubyte")
                .withMessageContaining(folder.toString())
                .withMessageContaining("data.path")
                .withMessageContaining("dataset-fashion-mnist");
    }

    @Test
    void wrongMagicIsReported() throws IOException {
        write("train", idx(2049, TWO_IMAGES, 2, 2, 2), idx(2049, new byte[] {1, 0}, 2), true);
        assertFailsNaming("images", "0x00000801", "0x00000803");
    }

    @Test
    void truncationIsReported() throws IOException {
        byte[] images = idx(2051, TWO_IMAGES, 2, 2, 2);
        byte[] labels = idx(2049, new byte[] {1, 0}, 2);
        write("train", Arrays.copyOf(images, images.length - 3), labels, false);
        assertFailsNaming("images", "truncated", "5 of 8");
        write("train", Arrays.copyOf(images, 7), labels, false);
        assertFailsNaming("images", "ends too early");
        write("train", Arrays.copyOf(images, images.length + 1), labels, false);
        assertFailsNaming("images", "more data");
        write("train", images, new byte[0], false);
        assertFailsNaming("labels", "ends too early");
    }

    @Test
    void filesThatAreSomethingElseAreToldAsWhatTheyAre() throws IOException {
        byte[] labels = idx(0x801, new byte[] {0, 1}, 2);
        String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
        write("train", pointer.getBytes(StandardCharsets.UTF_8), labels, false);
        assertFailsNaming("images", "a Git LFS pointer", "git lfs pull");
        write("train", "<!DOCTYPE html><html></html>".getBytes(StandardCharsets.UTF_8), labels, false);
        assertFailsNaming("images", "an HTML page");
        write("train", new byte[0], labels, true);
        assertFailsNaming("images", "it is empty");
    }

    @Test
    void damagedCompressionIsReported() throws IOException {
        write("train", idx(2051, TWO_IMAGES, 2, 2, 2), idx(2049, new byte[] {1, 0}, 2), true);
        Path images = folder.resolve("train-images-idx3-ubyte.gz");
        byte[] bytes = Files.readAllBytes(images);
        Files.write(images, Arrays.copyOf(bytes, bytes.length - 12));
        assertFailsNaming("images", "too early");
        bytes[12] ^= 0x77;
        Files.write(images, bytes);
        assertFailsNaming("images", "");
    }

    @Test
    void hugeSizesAreRefusedWithoutAllocatingThem() throws IOException {
        byte[] labels = idx(2049, new byte[] {1, 0}, 2);
        write("train", idx(2051, TWO_IMAGES, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE), labels, false);
        assertFailsNaming("images", "2 GiB");
        write("train", idx(2051, TWO_IMAGES, 2, -2, 2), labels, false);
        assertFailsNaming("images", "axis 1 is -2");
    }

    @Test
    void countsAndLabelsMustFit() throws IOException {
        byte[] images = idx(2051, TWO_IMAGES, 2, 2, 2);
        write("train", images, idx(2049, new byte[] {1, 0, 1}, 3), false);
        assertFailsNaming("images", "2 images", "3 labels");
        write("train", images, idx(2049, new byte[] {1, 2}, 2), false);
        assertThatIOException()
                .isThrownBy(() -> small(2, 0, 1, List.of("cat", "dog")).open())
                .withMessageContaining("label 2")
                .withMessageContaining("2 classes");
    }

    @Test
    void sizesThatDoNotFitTheImagesAreRefused() throws IOException {
        write("train", idx(2051, TWO_IMAGES, 2, 2, 2), idx(2049, new byte[] {1, 0}, 2), false);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> small(3, 3, 1, List.of()).open())
                .withMessageContaining("data.padTo is 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> small(4, 0, 1, List.of()).open())
                .withMessageContaining("data.imageSize is 4")
                .withMessageContaining("size 2");
        write("train", idx(2051, TWO_IMAGES, 2, 1, 4), idx(2049, new byte[] {1, 0}, 2), false);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> small(1, 0, 1, List.of()).open())
                .withMessageContaining("4×1 pixels");
    }

    private void assertFailsNaming(String which, String... parts) {
        assertThatIOException()
                .isThrownBy(() -> small(2, 0, 1, List.of()).open())
                .withMessageContaining("train-" + which)
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    private DataConfig small(int imageSize, int padTo, int channels, List<String> names) {
        return new DataConfig(
                DataType.IDX, folder.toString(), Split.TRAIN, imageSize, padTo, channels, false, false, names);
    }

    private void write(String prefix, byte[] images, byte[] labels, boolean compressed) throws IOException {
        String suffix = compressed ? ".gz" : "";
        Files.write(folder.resolve(prefix + "-images-idx3-ubyte" + suffix), compressed ? gzip(images) : images);
        Files.write(folder.resolve(prefix + "-labels-idx1-ubyte" + suffix), compressed ? gzip(labels) : labels);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] idx(int magic, byte[] data, int... sizes) {
        ByteBuffer buffer =
                ByteBuffer.allocate(4 + 4 * sizes.length + data.length).putInt(magic);
        Arrays.stream(sizes).forEach(buffer::putInt);
        return buffer.put(data).array();
    }
}
