package dev.mediator.app.cli.evaluate;

import dev.mediator.evaluation.ExtractorDescription;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.Features;
import dev.mediator.evaluation.PictureBatch;
import dev.mediator.image.Picture;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * An extractor that keeps the pixels of all pictures it sees: they are searched for later, and a network does not make them twice.
 * Closing it leaves the extractor open.
 */
final class SamplePixels implements FeatureExtractor {
    private static final long MAX_VALUES = 1L << 30; // 4 GB

    private final FeatureExtractor extractor;
    private final long count;
    private final List<Tensor> batches = new ArrayList<>();
    private @Nullable Picture first;

    /** Keeps the pixels of as many pictures. */
    SamplePixels(FeatureExtractor extractor, long count) {
        this.extractor = extractor;
        this.count = count;
    }

    @Override
    public ExtractorDescription description() {
        return extractor.description();
    }

    @Override
    public Features extract(List<Picture> pictures) {
        if (first == null) {
            first = pictures.get(0);
            requireRoom(first);
        }
        try (Scope scope = Scope.open()) {
            batches.add(scope.release(PictureBatch.pixels(pictures, first.channels())));
        }
        return extractor.extract(pictures);
    }

    private void requireRoom(Picture picture) {
        long values = count * picture.width() * picture.height() * picture.channels();
        if (values > MAX_VALUES) {
            throw new IllegalArgumentException("--nearest-by pixels would keep " + values + " values of the samples,"
                    + " allowed are " + MAX_VALUES + "; --nearest-by features keeps fewer");
        }
    }

    /** The pixels, as of {@link PictureBatch#pixels}; belong to the caller's scope. */
    Tensor pixels() {
        return Ops.cat(0, batches.toArray(Tensor[]::new));
    }

    @Override
    public void close() {
        batches.forEach(Tensor::close);
    }
}
