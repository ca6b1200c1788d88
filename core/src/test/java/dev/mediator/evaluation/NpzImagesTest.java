package dev.mediator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.mediator.checkpoint.Compression;
import dev.mediator.checkpoint.NpzFile;
import dev.mediator.checkpoint.NpzWriter;
import dev.mediator.image.Picture;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzImagesTest extends ScopedTest {
    private static final Path NUMPY = Path.of("src/test/resources/numpy");

    @TempDir
    private Path folder;

    @Test
    void imagesInTheirOrder() throws IOException {
        double[] all;
        try (NpzFile npz = NpzFile.open(NUMPY.resolve("images.npz"))) {
            all = Tensors.doubles(npz.read("arr_0", 1000));
        }
        try (NpzImages images = NpzImages.open(NUMPY.resolve("images.npz"))) {
            assertThat(images.count()).isEqualTo(5);
            List<Picture> first = images.next(3);
            List<Picture> rest = images.next(3);
            assertThat(first).hasSize(3);
            assertThat(rest).hasSize(2);
            assertThat(images.next(3)).isEmpty();
            Picture last = rest.get(1);
            assertThat(List.of(last.width(), last.height(), last.channels())).containsExactly(6, 4, 3);
            assertThat(last.sample(5, 3, 2)).isEqualTo((int) all[359]);
            assertThat(first.get(1).sample(2, 1, 0)).isEqualTo((int) all[72 + 18 + 6]);
        }
    }

    @Test
    void greyImages() throws IOException {
        for (long[] shape : new long[][] {{2, 3, 4}, {2, 3, 4, 1}}) {
            Tensor values = Tensors.zeros(DType.U8, shape);
            Path file = write(values);
            try (NpzImages images = NpzImages.open(file)) {
                Picture picture = images.next(9).get(1);
                assertThat(List.of(picture.width(), picture.height(), picture.channels()))
                        .containsExactly(4, 3, 1);
            }
        }
    }

    @Test
    void whatHoldsNoImagesIsRefused() throws IOException {
        for (Tensor values : List.of(
                Tensors.zeros(DType.F32, 2, 3, 4, 3),
                Tensors.zeros(DType.U8, 2, 3, 4, 2),
                Tensors.zeros(DType.U8, 2, 3),
                Tensors.zeros(DType.U8, 2, 0, 4, 3),
                Tensors.zeros(DType.U8, 0, 20000, 4, 3))) {
            Path file = write(values);
            assertThatIOException()
                    .isThrownBy(() -> NpzImages.open(file))
                    .withMessageContaining(file + ": array 'arr_0' is " + DType.of(values) + " "
                            + Arrays.toString(values.shape()) + ", images are U8 [N, H, W, 3]");
        }
        assertThatIOException()
                .isThrownBy(() -> NpzImages.open(NUMPY.resolve("stored.npz")))
                .withMessageContaining("has no array 'arr_0'");
    }

    @Test
    void onePictureIsNotTakenForManyAndTheRightShapeIsTold() throws IOException {
        assertRefused(DType.U8, "one picture is [1, 32, 32, 3], grey ones are [32, 32, 3, 1]", 32, 32, 3);
        assertRefused(DType.U8, "one picture is [1, 28, 28, 1], grey ones are [28, 28, 1, 1]", 28, 28, 1);
        assertRefused(DType.U8, "one picture is [1, 16, 8, 4]", 16, 8, 4);
        assertRefused(DType.U8, "channels come last: arr_0.transpose(0, 2, 3, 1)", 5, 3, 32, 32);
        assertRefused(DType.U8, "channels come last: arr_0.transpose(0, 2, 3, 1)", 5, 1, 28, 28);
        assertRefused(DType.U8, "transparency is not taken", 5, 32, 32, 4);
        assertRefused(DType.U8, "arr_0.reshape(N, H, W, C)", 5, 784);
        assertRefused(DType.F32, "arr_0.round().astype('uint8')", 5, 32, 32, 3);
        assertRefused(DType.I64, "arr_0.round().astype('uint8')", 5, 32, 32);
    }

    private void assertRefused(DType dtype, String hint, long... shape) throws IOException {
        Path file = write(Tensors.zeros(dtype, shape));
        assertThatIOException()
                .isThrownBy(() -> NpzImages.open(file))
                .withMessageContaining("array 'arr_0' is " + dtype + " " + Arrays.toString(shape) + ", images are U8")
                .withMessageContaining(hint);
    }

    @Test
    void truncatedBatches() throws IOException {
        byte[] whole = Files.readAllBytes(NUMPY.resolve("images.npz"));
        Path file = Files.write(folder.resolve("cut.npz"), Arrays.copyOf(whole, 500));
        assertThatIOException()
                .isThrownBy(() -> NpzImages.open(file))
                .withMessageContaining(file.toString())
                .withMessageContaining("truncated");
    }

    private Path write(Tensor images) throws IOException {
        Path file = folder.resolve("images.npz");
        NpzWriter.write(file, Map.of("arr_0", images), Compression.DEFLATED);
        return file;
    }
}
