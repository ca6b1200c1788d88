package dev.mediator.image;

import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A picture of 8-bit samples, grey or red-green-blue; immutable, equal to every picture with the same samples. */
public final class Picture {
    private final int width;
    private final int height;
    private final int channels;
    private final byte[] samples; // [height, width, channels]

    private Picture(int width, int height, int channels, byte[] samples) {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException(
                    "a picture of " + width + "×" + height + " pixels, sizes must be 1 or more");
        }
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("a picture of " + channels + " channels, allowed are 1 and 3");
        }
        long expected = (long) width * height * channels;
        if (samples.length != expected) {
            throw new IllegalArgumentException("a picture of " + width + "×" + height + " pixels and " + channels
                    + " channels has " + expected + " samples, found are " + samples.length);
        }
        this.width = width;
        this.height = height;
        this.channels = channels;
        this.samples = samples;
    }

    /**
     * A picture of these samples, which are copied.
     *
     * @param channels 1 (grey) or 3 (red, green, blue)
     * @param samples unsigned bytes, row by row, the channels of a pixel side by side: [height, width, channels]
     */
    public static Picture of(int width, int height, int channels, byte[] samples) {
        return new Picture(width, height, channels, samples.clone());
    }

    /** A picture of an array that nobody else holds. */
    static Picture owning(int width, int height, int channels, byte[] samples) {
        return new Picture(width, height, channels, samples);
    }

    /**
     * A picture of an image tensor [C, H, W] in [−1, 1]: v = ⌊127.5·(x + 1) + 0.5⌋, clamped to 0…255.
     *
     * @throws IllegalArgumentException if C is neither 1 nor 3 or a value is not finite
     */
    public static Picture of(Tensor image) {
        Shapes.require(image, "the image", Shapes.ANY, Shapes.ANY, Shapes.ANY);
        float[] values = Tensors.floats(image);
        int channels = (int) image.size(0);
        int height = (int) image.size(1);
        int width = (int) image.size(2);
        byte[] samples = new byte[values.length];
        for (int i = 0; i < height * width; i++) {
            for (int c = 0; c < channels; c++) {
                samples[i * channels + c] = (byte) toSample(values[c * height * width + i]);
            }
        }
        return new Picture(width, height, channels, samples);
    }

    /** The pictures of a batch [B, C, H, W] in [−1, 1], converted as by {@link #of(Tensor)}. */
    public static List<Picture> ofBatch(Tensor images) {
        Shapes.require(images, "the images", Shapes.ANY, Shapes.ANY, Shapes.ANY, Shapes.ANY);
        List<Picture> pictures = new ArrayList<>();
        for (long i = 0; i < images.size(0); i++) {
            try (Scope scope = Scope.open()) {
                pictures.add(of(images.select(0, i)));
            }
        }
        return pictures;
    }

    /** The 8-bit sample that is nearest to x in [−1, 1]; halves round up, values outside are clamped. */
    public static int toSample(float x) {
        if (!Float.isFinite(x)) {
            throw new IllegalArgumentException("a pixel is " + x + ", allowed are finite values");
        }
        return (int) Math.max(0, Math.min(255, Math.floor(127.5 * (x + 1.0) + 0.5)));
    }

    /** The value in [−1, 1] that an 8-bit sample stands for. */
    public static float toValue(int sample) {
        return sample / 127.5f - 1;
    }

    /** Columns. */
    public int width() {
        return width;
    }

    /** Rows. */
    public int height() {
        return height;
    }

    /** 1 (grey) or 3 (red, green, blue). */
    public int channels() {
        return channels;
    }

    /** One sample, 0…255. */
    public int sample(int x, int y, int channel) {
        return Byte.toUnsignedInt(samples[(y * width + x) * channels + channel]);
    }

    /** A copy of the samples, [height, width, channels]. */
    public byte[] samples() {
        return samples.clone();
    }

    /** The samples themselves, not to be changed. */
    byte[] sharedSamples() {
        return samples;
    }

    /** The values in [−1, 1], channels first: [C, H, W] in row-major order. */
    public float[] values() {
        float[] values = new float[samples.length];
        for (int i = 0; i < height * width; i++) {
            for (int c = 0; c < channels; c++) {
                values[c * height * width + i] = toValue(Byte.toUnsignedInt(samples[i * channels + c]));
            }
        }
        return values;
    }

    /** The picture as a new CPU tensor [C, H, W] in [−1, 1]. */
    public Tensor toTensor() {
        return Tensors.of(values(), channels, height, width);
    }

    /** This picture with 1 or 3 channels: grey is repeated, colour becomes luma as of ITU-R BT.601. */
    public Picture withChannels(int count) {
        if (count == channels) {
            return this;
        }
        byte[] converted = new byte[width * height * count];
        for (int i = 0; i < width * height; i++) {
            if (count == 3) {
                Arrays.fill(converted, 3 * i, 3 * i + 3, samples[i]);
            } else {
                converted[i] = (byte) luma(i);
            }
        }
        return new Picture(width, height, count, converted);
    }

    /** A rectangle of this picture. */
    public Picture crop(int x, int y, int cropWidth, int cropHeight) {
        if (x < 0 || y < 0 || cropWidth > width - x || cropHeight > height - y) {
            throw new IllegalArgumentException("the crop " + cropWidth + "×" + cropHeight + " at (" + x + ", " + y
                    + ") does not lie in the picture of " + width + "×" + height + " pixels");
        }
        byte[] cropped = new byte[Math.max(0, cropWidth * cropHeight * channels)];
        int row = cropWidth * channels;
        for (int i = 0; i < cropHeight; i++) {
            System.arraycopy(samples, ((y + i) * width + x) * channels, cropped, i * row, row);
        }
        return new Picture(cropWidth, cropHeight, channels, cropped);
    }

    /** This picture in the middle of a black one, half a pixel off where the margins cannot be equal. */
    public Picture framed(int frameWidth, int frameHeight) {
        int left = (frameWidth - width) / 2;
        int top = (frameHeight - height) / 2;
        if (frameWidth < width || frameHeight < height) {
            throw new IllegalArgumentException("a picture of " + width + "×" + height
                    + " pixels does not fit into a frame of " + frameWidth + "×" + frameHeight);
        }
        byte[] framed = new byte[Math.multiplyExact(Math.multiplyExact(frameWidth, frameHeight), channels)];
        int row = width * channels;
        for (int y = 0; y < height; y++) {
            System.arraycopy(samples, y * row, framed, ((y + top) * frameWidth + left) * channels, row);
        }
        return new Picture(frameWidth, frameHeight, channels, framed);
    }

    /** Left and right exchanged. */
    public Picture mirrored() {
        byte[] mirrored = new byte[samples.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                System.arraycopy(
                        samples,
                        (y * width + x) * channels,
                        mirrored,
                        (y * width + width - 1 - x) * channels,
                        channels);
            }
        }
        return new Picture(width, height, channels, mirrored);
    }

    /** Every pixel as a square of {@code factor} × {@code factor} pixels. */
    public Picture enlarged(int factor) {
        if (factor < 1) {
            throw new IllegalArgumentException("the factor is " + factor + ", allowed is 1 or more");
        }
        int row = width * factor;
        byte[] enlarged = new byte[Math.multiplyExact(Math.multiplyExact(row, height * factor), channels)];
        for (int y = 0; y < height * factor; y++) {
            for (int x = 0; x < row; x++) {
                int from = (y / factor * width + x / factor) * channels;
                System.arraycopy(samples, from, enlarged, (y * row + x) * channels, channels);
            }
        }
        return new Picture(row, height * factor, channels, enlarged);
    }

    private int luma(int pixel) {
        int red = Byte.toUnsignedInt(samples[3 * pixel]);
        int green = Byte.toUnsignedInt(samples[3 * pixel + 1]);
        int blue = Byte.toUnsignedInt(samples[3 * pixel + 2]);
        return (299 * red + 587 * green + 114 * blue + 500) / 1000;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Picture p
                && p.width == width
                && p.height == height
                && p.channels == channels
                && Arrays.equals(p.samples, samples);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * width + channels) + Arrays.hashCode(samples);
    }

    @Override
    public String toString() {
        return "Picture " + width + "×" + height + "×" + channels;
    }
}
