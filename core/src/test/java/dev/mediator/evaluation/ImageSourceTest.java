package dev.mediator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mediator.checkpoint.Compression;
import dev.mediator.checkpoint.NpzWriter;
import dev.mediator.image.Picture;
import dev.mediator.image.PngFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders, npz batches and IDX files as images to be scored, and what is done to them before. */
class ImageSourceTest extends ScopedTest {
    private static final Path EXCERPT = Path.of("src/test/resources/fashion-mnist");

    @TempDir
    private Path folder;

    @Test
    void aFoldersPicturesInTheOrderOfTheirNames() throws IOException {
        png(folder.resolve("b.png"), 2);
        png(folder.resolve("a.png"), 1);
        png(folder.resolve("c.png"), 3);
        png(folder.resolve(".hidden.png"), 9);
        Files.writeString(folder.resolve("record.txt"), "x");

        try (ImageSource source = ImageSource.open(folder)) {
            assertThat(source.count()).isEqualTo(3);
            assertThat(source.classes()).isEmpty();
            assertThat(source.path()).isEqualTo(folder);
            assertThat(firstSamples(source.next(2))).containsExactly(1, 2);
            assertThat(firstSamples(source.next(2))).containsExactly(3);
            assertThat(source.next(2)).isEmpty();
        }
    }

    @Test
    void foldersOfClasses() throws IOException {
        png(Files.createDirectory(folder.resolve("Sneaker")).resolve("x.png"), 1);
        png(Files.createDirectory(folder.resolve("Bag")).resolve("y.png"), 2);
        png(folder.resolve("Bag/z.png"), 3);
        Files.createDirectory(folder.resolve("empty"));

        try (ImageSource source = ImageSource.open(folder)) {
            assertThat(source.classes()).containsExactly("Bag", "Bag", "Sneaker");
            source.skip(1);
            assertThat(firstSamples(source.next(9))).containsExactly(3, 1);
        }
        png(folder.resolve("loose.png"), 4);
        assertThatIOException()
                .isThrownBy(() -> ImageSource.open(folder))
                .withMessage(folder + " has 1 images of its own and 3 in the folders below: which ones are meant?");
    }

    @Test
    void idxFilesHaveTheirLabels() throws IOException {
        try (ImageSource source = ImageSource.open(EXCERPT.resolve("t10k-images-idx3-ubyte.gz"))) {
            assertThat(source.count()).isEqualTo(100);
            assertThat(source.classes()).hasSize(100).contains("0", "9");
            Picture first = source.next(1).get(0);
            assertThat(List.of(first.width(), first.height(), first.channels())).containsExactly(28, 28, 1);
            source.skip(98);
            assertThat(source.next(9)).hasSize(1);
        }
        Path alone =
                Files.copy(EXCERPT.resolve("t10k-images-idx3-ubyte.gz"), folder.resolve("mine-images-idx3-ubyte.gz"));
        try (ImageSource source = ImageSource.open(alone)) {
            assertThat(source.classes()).isEmpty();
        }
        Files.copy(EXCERPT.resolve("train-labels-idx1-ubyte.gz"), folder.resolve("mine-labels-idx1-ubyte.gz"));
        assertThatIOException()
                .isThrownBy(() -> ImageSource.open(alone))
                .withMessageContaining("holds 100 images, but " + folder)
                .withMessageContaining("holds 200 labels");
    }

    @Test
    void npzBatchesWithAndWithoutLabels() throws IOException {
        try (ImageSource source = ImageSource.open(Path.of("src/test/resources/numpy/images.npz"))) {
            assertThat(source.classes()).containsExactly("0", "1", "2", "3", "4");
            List<Picture> all = source.next(9);
            try (ImageSource again = ImageSource.open(source.path())) {
                again.skip(3);
                assertThat(again.next(9)).isEqualTo(all.subList(3, 5));
            }
        }
    }

    @Test
    void labelsOfAnotherKindAreRefused() throws IOException {
        assertLabelsRefused(Tensors.zeros(DType.F32, 2), "array 'arr_1' is F32 [2]");
        assertLabelsRefused(Tensors.zeros(DType.BOOL, 2), "array 'arr_1' is BOOL [2]");
        assertLabelsRefused(Tensors.zeros(DType.I64, 3), "array 'arr_1' is I64 [3]");
        assertLabelsRefused(Tensors.zeros(DType.I64, 2, 1), "array 'arr_1' is I64 [2, 1]");
        assertLabelsRefused(Tensors.zeros(DType.F64, 2, 10), "[2]; arr_1.argmax(1) is");
        assertLabelsRefused(
                Tensors.of(new long[] {1, -1}, 2),
                "array 'arr_1' is of values such as -1 (at 1), the classes of the 2 images are whole numbers of 0 or more, [2]");
    }

    private void assertLabelsRefused(Tensor labels, String message) throws IOException {
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        arrays.put("arr_0", Tensors.zeros(DType.U8, 2, 4, 4, 3));
        arrays.put("arr_1", labels);
        Path file = folder.resolve("images.npz");
        NpzWriter.write(file, arrays, Compression.STORED);
        try (ImageSource source = ImageSource.open(file)) {
            assertThat(source.next(9)).hasSize(2);
            assertThatIOException()
                    .isThrownBy(source::classes)
                    .withMessageContaining(file + ": ")
                    .withMessageContaining(message);
        }
    }

    @Test
    void whatHoldsNoImagesIsRefused() throws IOException {
        assertThatIOException()
                .isThrownBy(() -> ImageSource.open(folder))
                .withMessageContaining(folder + " has no image: expected are png");
        Path text = Files.writeString(folder.resolve("text.txt"), "hello");
        assertThatIOException()
                .isThrownBy(() -> ImageSource.open(text))
                .withMessageContaining(text + " holds no images that can be read");
        assertThatIOException()
                .isThrownBy(() -> ImageSource.open(folder.resolve("none.npz")))
                .withMessageContaining("none.npz");
        assertThatIOException()
                .isThrownBy(() -> ImageSource.open(folder.resolve("t10k-images-idx3-ubyte")))
                .withMessageContaining("t10k-images-idx3-ubyte does not exist");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FolderImages.of(folder, List.of(text), List.of("a", "b")))
                .withMessage("there are 1 images and 2 classes");
    }

    @Test
    void theFirstImagesOfASourceAreCollected() throws IOException {
        for (int i = 0; i < 5; i++) {
            PngFile.write(folder.resolve(i + ".png"), grey(2, i));
        }
        List<Integer> told = new ArrayList<>();
        try (FeatureCollector collector = new FeatureCollector(new PixelExtractor(), 3, true);
                ImageSource source = ImageSource.open(folder)) {
            collector.addFirst(source, 3, told::add);
            assertThat(Tensors.doubles(collector.collected().pooled().mean())).containsExactly(1, 1, 1, 1);
        }
        assertThat(told).containsExactly(3);
    }

    @Test
    void mixedSizesAreRefusedUnlessTheyAreMadeAlike() throws IOException {
        PngFile.write(folder.resolve("a.png"), grey(2, 10));
        PngFile.write(folder.resolve("b.png"), grey(4, 20));
        try (FeatureCollector collector = new FeatureCollector(new PixelExtractor(), 2, true);
                ImageSource source = ImageSource.open(folder)) {
            assertThatIOException()
                    .isThrownBy(() -> collector.addFirst(source, 2, images -> {}))
                    .withMessage(folder + ": image 1 (counted from 0) has 4×4 pixels, the first one 2×2");
        }
        try (FeatureCollector collector =
                        new FeatureCollector(new PixelExtractor(), 2, true, new ImagePreparation(2, 0));
                ImageSource source = ImageSource.open(folder)) {
            collector.addFirst(source, 2, images -> {});
            assertThat(Tensors.doubles(collector.collected().pooled().mean())).containsExactly(15, 15, 15, 15);
        }
    }

    @Test
    void preparationIsWhatWasAskedFor() {
        Picture colour = Picture.of(4, 2, 3, new byte[24]);
        assertThat(ImagePreparation.NONE.apply(colour)).isSameAs(colour);
        Picture prepared = new ImagePreparation(2, 1).apply(colour);
        assertThat(List.of(prepared.width(), prepared.height(), prepared.channels()))
                .containsExactly(2, 2, 1);
        assertThat(new ImagePreparation(0, 3).apply(grey(2, 7)).channels()).isEqualTo(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ImagePreparation(-1, 0))
                .withMessage("size is -1, allowed are 0 (as it is) to 4096");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ImagePreparation(0, 2))
                .withMessage("channels is 2, allowed are 0 (as they are), 1 (grey) and 3 (colour)");
    }

    @Test
    void classesAreKnownByNameOrNumber() {
        List<String> names = List.of("Boot", "T-shirt/top");
        assertThat(ClassAgreement.labels(List.of("t-shirt/top", "0", "1"), names))
                .hasValueSatisfying(labels -> assertThat(labels).containsExactly(1, 0, 1));
        assertThat(ClassAgreement.labels(List.of("boot"), names)).isPresent();
        assertThat(ClassAgreement.labels(List.of("0", "0"), names)).isEmpty(); // of a data set with one class?
        assertThat(ClassAgreement.labels(List.of("Boot", "Dog"), names)).isEmpty();
        assertThat(ClassAgreement.labels(List.of("2"), names)).isEmpty();
        assertThat(ClassAgreement.labels(List.of(), names)).isEmpty();
        assertThat(ClassAgreement.labels(List.of("0"), List.of())).isEmpty();
        assertThat(ClassAgreement.leftOut(List.of("t-shirt/top", "0", "1"), names))
                .isEmpty();
        assertThat(ClassAgreement.leftOut(List.of(), names)).isEmpty();
        assertThat(ClassAgreement.leftOut(List.of("0"), List.of())).isEmpty();
        assertThat(ClassAgreement.leftOut(List.of("99", "99"), names)
                        .orElseThrow()
                        .text())
                .isEqualTo("class agreement is left out: the samples' classes (99) are not all of the classifier's,"
                        + " 0 to 1 or Boot, T-shirt/top");
        assertThat(ClassAgreement.leftOut(List.of("0", "0"), names)
                        .orElseThrow()
                        .text())
                .contains("(0) may be numbers of another data set, since none is 1; the classifier's are 0 to 1");
    }

    private static void png(Path file, int sample) throws IOException {
        PngFile.write(file, grey(2, sample));
    }

    private static Picture grey(int size, int sample) {
        byte[] samples = new byte[size * size];
        Arrays.fill(samples, (byte) sample);
        return Picture.of(size, size, 1, samples);
    }

    private static List<Integer> firstSamples(List<Picture> pictures) {
        return pictures.stream().map(picture -> picture.sample(0, 0, 0)).toList();
    }
}
