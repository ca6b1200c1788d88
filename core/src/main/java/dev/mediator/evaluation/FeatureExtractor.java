package dev.mediator.evaluation;

import dev.mediator.image.Picture;
import java.util.List;

/**
 * A network that describes pictures by features. Holds native memory until it is closed. Any thread may
 * use it: several take turns, closing waits for the use in progress, and what comes after is refused with an {@link
 * IllegalStateException}.
 *
 * <p>The features of a picture depend on its pixels alone, not on the batch it is in (up to rounding).
 */
public interface FeatureExtractor extends AutoCloseable {
    /** Who made the features: stored with them, and compared before features are. */
    ExtractorDescription description();

    /**
     * Features of a batch. The extractor itself brings pictures to its input size, as {@link
     * ExtractorDescription#resize()} tells; {@link PictureBatch} checks them and makes a tensor of them.
     *
     * @param pictures at least one, all of one size and of the channels that the description asks for
     * @return one row per picture; the tensors belong to the caller's {@link dev.mediator.tensor.Scope}
     * @throws IllegalArgumentException if the pictures differ in size or have other channels than the extractor's
     */
    Features extract(List<Picture> pictures);

    /**
     * Names of the classes whose logits it gives, in their order. Empty if it gives none, or if they are not those of any data
     * set that images are asked from: then nothing can be said of whether a picture shows what was asked for.
     */
    default List<String> classNames() {
        return List.of();
    }

    @Override
    void close();
}
