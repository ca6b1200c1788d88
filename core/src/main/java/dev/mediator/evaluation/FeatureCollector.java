package dev.mediator.evaluation;

import dev.mediator.image.Picture;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.tensor.UseGuard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the features of a stream of pictures: statistics as they come, and the features themselves if they are to be kept.
 * Holds native memory until it is closed.
 *
 * <p>Any thread may use it, one at a time; closing waits for the use in progress, and later uses are refused with an
 * {@link IllegalStateException}.
 */
public final class FeatureCollector implements AutoCloseable {
    private static final int BATCH = 32;

    private final FeatureExtractor extractor;
    private final UseGuard guard = new UseGuard("the collector of features");
    private final ImagePreparation preparation;
    private final FeatureStatistics pooled;
    private final @Nullable FeatureStatistics spatial;
    private final @Nullable Tensor features; // [capacity, D] F32
    private final @Nullable Tensor logits; // [capacity, K] F32
    private final long capacity;
    private final List<ScoreWarning> warnings = new ArrayList<>();
    private @Nullable Picture first;

    /**
     * Starts with no picture.
     *
     * @param extractor stays open when this is closed
     * @param capacity the most pictures that will come
     * @param keep whether to keep features and logits, for all but Fréchet distances: 4·(D + K) bytes per picture
     * @param preparation what is done to pictures first
     */
    public FeatureCollector(FeatureExtractor extractor, long capacity, boolean keep, ImagePreparation preparation) {
        this.preparation = preparation;
        ExtractorDescription description = extractor.description();
        this.extractor = extractor;
        this.capacity = capacity;
        this.pooled = new FeatureStatistics(description.dimension());
        this.spatial =
                description.spatialDimension() > 0 ? new FeatureStatistics(description.spatialDimension()) : null;
        this.features = keep ? room(capacity, description.dimension()) : null;
        this.logits = keep && description.classes() > 0 ? room(capacity, description.classes()) : null;
    }

    /** Starts with no picture; pictures are taken as they are. */
    public FeatureCollector(FeatureExtractor extractor, long capacity, boolean keep) {
        this(extractor, capacity, keep, ImagePreparation.NONE);
    }

    /** Pictures so far. */
    public long count() {
        return pooled.count();
    }

    /**
     * Extracts the features of pictures and adds them.
     *
     * @throws IOException if a picture differs from the others in size, is grey where the extractor takes colour or the
     *     reverse, or has features that are not finite
     */
    public void add(List<Picture> pictures) throws IOException {
        try (UseGuard.Use use = guard.use()) {
            if (pictures.isEmpty()) {
                return;
            }
            List<Picture> prepared = pictures.stream().map(preparation::apply).toList();
            for (int i = 0; i < prepared.size(); i++) {
                requireAlike(prepared.get(i), count() + i);
            }
            try (Scope scope = Scope.open()) {
                add(extractor.extract(prepared));
            }
        }
    }

    /**
     * Adds the first images of a source.
     *
     * @param most how many, if there are as many
     * @param progress told of each batch, with the number of its images; whatever it throws, such as a cancellation, reaches the caller
     * @throws IOException as {@link #add} does, or if an image cannot be read; the message names where it is from
     */
    public void addFirst(ImageSource images, long most, IntConsumer progress) throws IOException {
        for (long left = most; left > 0; ) {
            List<Picture> batch = images.next((int) Math.min(BATCH, left));
            if (batch.isEmpty()) {
                return;
            }
            try {
                add(batch);
            } catch (IOException e) {
                throw new IOException(images.path() + ": " + e.getMessage(), e);
            }
            left -= batch.size();
            progress.accept(batch.size());
        }
    }

    /** Adds what a score of these pictures has to be read with. */
    public void warn(ScoreWarning warning) {
        warnings.add(warning);
    }

    /** What was gathered; its tensors belong to the caller's scope. */
    public FeatureSet collected() throws IOException {
        try (UseGuard.Use use = guard.use()) {
            if (count() < 1) {
                throw new IOException("scores need images, found are none");
            }
            return new FeatureSet(
                    extractor.description(),
                    pooled.gaussian(),
                    spatial == null ? null : spatial.gaussian(),
                    features == null ? null : features.narrow(0, 0, count()),
                    logits == null ? null : logits.narrow(0, 0, count()),
                    warnings);
        }
    }

    @Override
    public void close() {
        guard.close(() -> {
            pooled.close();
            if (spatial != null) {
                spatial.close();
            }
            if (features != null) {
                features.close();
            }
            if (logits != null) {
                logits.close();
            }
        });
    }

    private void add(Features batch) throws IOException {
        long from = count();
        if (batch.count() > capacity - from) {
            throw new IllegalStateException("room is for " + capacity + " pictures, there are more");
        }
        FeatureStatistics.requireFinite(batch.pooled(), from); // all three, before any is added
        if (batch.logits() != null) {
            FeatureStatistics.requireFinite(batch.logits(), from);
        }
        if (spatial != null) {
            if (batch.spatial() == null) {
                throw new IllegalStateException("the extractor gave no spatial features, though it has some");
            }
            spatial.add(batch.spatial());
        }
        pooled.add(batch.pooled());
        copy(batch.pooled(), features, from);
        copy(batch.logits(), logits, from);
    }

    private static void copy(@Nullable Tensor batch, @Nullable Tensor kept, long from) {
        if (kept != null) {
            if (batch == null) {
                throw new IllegalStateException("the extractor gave no logits, though it has some");
            }
            kept.narrow(0, from, batch.size(0)).copy_(batch);
        }
    }

    private void requireAlike(Picture picture, long index) throws IOException {
        int channels = extractor.description().channels();
        if (picture.channels() != channels) {
            throw new IOException("image " + index + " (counted from 0) is " + (channels == 3 ? "grey" : "in colour")
                    + ", the extractor " + extractor.description().name() + " takes "
                    + (channels == 3
                            ? "colour images: --channels 3 repeats grey three times"
                            : "grey images: --channels 1 makes all grey"));
        }
        if (first == null) {
            first = picture;
        }
        if (picture.width() != first.width() || picture.height() != first.height()) {
            throw new IOException("image " + index + " (counted from 0) has " + picture.width() + "×" + picture.height()
                    + " pixels, the first one " + first.width() + "×" + first.height());
        }
    }

    private static Tensor room(long rows, long columns) {
        try (Scope scope = Scope.open()) {
            return scope.release(Tensors.empty(DType.F32, rows, columns));
        }
    }
}
