package dev.mediator.evaluation;

import dev.mediator.image.Picture;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Features that are the pixels of grey 2×2 pictures; spatial ones are the upper two, logits the lower two. */
final class PixelExtractor implements FeatureExtractor {
    private final float poison;

    PixelExtractor() {
        this(0);
    }

    /** Pixels of value 255 become {@code poison} if it is not 0. */
    PixelExtractor(float poison) {
        this.poison = poison;
    }

    static ExtractorDescription described() {
        return new ExtractorDescription("pixels", "1", "ab".repeat(32), false, 1, 2, "none", 4, 2, 2);
    }

    @Override
    public ExtractorDescription description() {
        return described();
    }

    @Override
    public Features extract(List<Picture> pictures) {
        Tensor pixels = Tensors.to(PictureBatch.of(pictures, 1).flatten(1, -1), DType.F32); // [B, 4]
        if (poison != 0) {
            pixels.masked_fill_(pixels.eq(new Scalar(255.0)), new Scalar((double) poison));
        }
        return new Features(pixels, pixels.narrow(1, 0, 2), pixels.narrow(1, 2, 2));
    }

    @Override
    public void close() {}
}
