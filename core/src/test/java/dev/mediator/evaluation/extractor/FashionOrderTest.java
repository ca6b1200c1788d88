package dev.mediator.evaluation.extractor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.evaluation.FeatureCollector;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.FrechetDistance;
import dev.mediator.evaluation.ImageSource;
import dev.mediator.image.Picture;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.vision.FormulaPictures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The distance of FD-fashion orders sets of images as eyes do. On the excerpt of 200 and 100 images; on the whole of
 * Fashion-MNIST, 10,000 images each, with {@code -Dmediator.fashion=/usr/share/datasets/fashion-mnist}.
 */
class FashionOrderTest {
    private static final String WHOLE = System.getProperty("mediator.fashion", "");
    private static final int MOST = 10_000;

    @Test
    void trainAgainstTestThenNoiseThenOtherData() throws IOException {
        Path data = Path.of(WHOLE.isEmpty() ? "src/test/resources/fashion-mnist" : WHOLE);
        try (Scope scope = Scope.open();
                FeatureExtractor extractor = ExtractorKind.FASHION.open(
                        Path.of("../models/fashion-classifier.safetensors"), ComputeDevice.CPU)) {
            FeatureCollector train = collect(extractor, read(data.resolve("train-images-idx3-ubyte.gz")));
            List<Picture> test = read(data.resolve("t10k-images-idx3-ubyte.gz"));
            double real = distance(train, extractor, test);
            double lessNoise = distance(train, extractor, noisy(test, 16));
            double moreNoise = distance(train, extractor, noisy(test, 48));
            double upsideDown = distance(
                    train,
                    extractor,
                    test.stream().map(FashionOrderTest::turned).toList());
            double other = distance(train, extractor, FormulaPictures.of(test.size(), 1, 28, 28));
            train.close();

            System.out.printf(
                    Locale.ROOT,
                    "%d images: test %.4f, noise 16 %.4f, noise 48 %.4f, upside down %.4f, other data %.4f%n",
                    test.size(),
                    real,
                    lessNoise,
                    moreNoise,
                    upsideDown,
                    other);
            assertThat(List.of(real, lessNoise, moreNoise, upsideDown, other)).isSorted();
            assertThat(lessNoise).isGreaterThan(1.05 * real);
            assertThat(moreNoise).isGreaterThan(2 * lessNoise);
            assertThat(other).isGreaterThan(2 * moreNoise);
        }
    }

    private static double distance(FeatureCollector train, FeatureExtractor extractor, List<Picture> pictures)
            throws IOException {
        try (Scope scope = Scope.open();
                FeatureCollector collector = collect(extractor, pictures)) {
            return FrechetDistance.between(
                            train.collected().pooled(), collector.collected().pooled())
                    .value();
        }
    }

    private static FeatureCollector collect(FeatureExtractor extractor, List<Picture> pictures) throws IOException {
        FeatureCollector collector = new FeatureCollector(extractor, pictures.size(), false);
        for (int first = 0; first < pictures.size(); first += 64) {
            collector.add(pictures.subList(first, Math.min(pictures.size(), first + 64)));
        }
        return collector;
    }

    private static List<Picture> read(Path file) throws IOException {
        try (ImageSource source = ImageSource.open(file)) {
            return source.next(MOST);
        }
    }

    /** Normal noise of a standard deviation in steps of 1/255, rounded and clamped. */
    private static List<Picture> noisy(List<Picture> pictures, double deviation) {
        List<Picture> noisy = new ArrayList<>();
        for (int i = 0; i < pictures.size(); i++) {
            byte[] samples = pictures.get(i).samples();
            float[] noise = new RandomStream(1, i).normals(0, samples.length);
            for (int p = 0; p < samples.length; p++) {
                long value = Math.round(Byte.toUnsignedInt(samples[p]) + deviation * noise[p]);
                samples[p] = (byte) Math.max(0, Math.min(255, value));
            }
            noisy.add(Picture.of(28, 28, 1, samples));
        }
        return noisy;
    }

    private static Picture turned(Picture picture) {
        byte[] samples = picture.samples();
        byte[] turned = new byte[samples.length];
        IntStream.range(0, samples.length).forEach(p -> turned[samples.length - 1 - p] = samples[p]);
        return Picture.of(28, 28, 1, turned);
    }
}
