package dev.mediator.evaluation;

import dev.mediator.image.Picture;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Pictures of one size and kind as one tensor. */
public final class PictureBatch {
    private PictureBatch() {}

    /**
     * The samples 0…255 of pictures.
     *
     * @param pictures at least one
     * @param channels that every picture must have; none is converted
     * @return [B, C, H, W] U8
     * @throws IllegalArgumentException if there are none, their sizes differ or one has other channels
     */
    public static Tensor of(List<Picture> pictures, int channels) {
        requireAlike(pictures, channels);
        int height = pictures.get(0).height();
        int width = pictures.get(0).width();
        try (Scope scope = Scope.open()) {
            Tensor rows = Tensors.empty(DType.U8, pictures.size(), height, width, channels);
            var bytes = Tensors.bytes(rows);
            long stride = (long) height * width * channels;
            for (int i = 0; i < pictures.size(); i++) {
                bytes.position(i * stride).put(pictures.get(i).samples());
            }
            return scope.keep(rows.permute(0, 3, 1, 2).contiguous());
        }
    }

    /**
     * Pictures as features: the Euclidean distance of two rows is the root of the mean squared difference of their samples,
     * in steps of 1/255 of the full range.
     *
     * @param pictures at least one, alike as {@link #of} asks
     * @return [B, C·H·W] F32
     */
    public static Tensor pixels(List<Picture> pictures, int channels) {
        try (Scope scope = Scope.open()) {
            Tensor samples = Tensors.to(of(pictures, channels).flatten(1, -1), DType.F32);
            return scope.keep(samples.div_(new Scalar(Math.sqrt((double) samples.size(1)))));
        }
    }

    private static void requireAlike(List<Picture> pictures, int channels) {
        if (pictures.isEmpty()) {
            throw new IllegalArgumentException("there is no picture");
        }
        Picture first = pictures.get(0);
        for (Picture picture : pictures) {
            if (picture.channels() != channels) {
                throw new IllegalArgumentException("a picture is " + kind(picture.channels()) + ", the extractor takes "
                        + kind(channels) + " pictures");
            }
            if (picture.width() != first.width() || picture.height() != first.height()) {
                throw new IllegalArgumentException("the pictures have different sizes: " + first.width() + "×"
                        + first.height() + " and " + picture.width() + "×" + picture.height());
            }
        }
    }

    private static String kind(int channels) {
        return channels == 1 ? "grey" : "colour";
    }
}
