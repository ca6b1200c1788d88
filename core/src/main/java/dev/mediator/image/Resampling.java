package dev.mediator.image;

/**
 * Resizing by separable convolution: each output sample is the weighted mean of the input samples under a filter that is
 * as wide as an output pixel when reducing, so that nothing aliases. Columns first, then rows, rounded to 8 bits after
 * each; weights have 22 fractional bits. These are the conventions of Python's Pillow library, with which the data sets of
 * the field are prepared; the results are those of Pillow 9.5 bit for bit.
 */
public enum Resampling {
    /** Mean over the area of the output pixel. */
    BOX(0.5) {
        @Override
        double weight(double x) {
            return x > -0.5 && x <= 0.5 ? 1 : 0;
        }
    },
    /** Cubic convolution with a = −1/2 (Keys, "Cubic Convolution Interpolation for Digital Image Processing", 1981). */
    BICUBIC(2) {
        @Override
        double weight(double x) {
            double d = Math.abs(x);
            if (d < 1) {
                return (1.5 * d - 2.5) * d * d + 1;
            }
            return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
        }
    };

    private static final int FRACTION_BITS = 22;

    private final double radius;

    Resampling(double radius) {
        this.radius = radius;
    }

    abstract double weight(double x);

    /** The picture at another size. */
    public Picture resize(Picture picture, int width, int height) {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("the new size is " + width + "×" + height + ", sizes must be 1 or more");
        }
        int channels = picture.channels();
        byte[] samples = picture.sharedSamples();
        if (width != picture.width()) {
            // each row is a line: its pixels follow each other
            Axis columns = new Axis(this, picture.width(), width);
            samples = columns.apply(samples, picture.height(), channels);
        }
        if (height != picture.height()) {
            // the whole picture is one line of rows
            Axis rows = new Axis(this, picture.height(), height);
            samples = rows.apply(samples, 1, width * channels);
        }
        return Picture.owning(width, height, channels, samples);
    }

    /** The weights of one axis: output i is the sum over k of weights[i][k] · input[first[i] + k]. */
    private static final class Axis {
        private final int inputSize;
        private final int[] first;
        private final int[][] weights;

        Axis(Resampling filter, int inputSize, int outputSize) {
            this.inputSize = inputSize;
            this.first = new int[outputSize];
            this.weights = new int[outputSize][];
            double scale = (double) inputSize / outputSize;
            double width = Math.max(1, scale);
            for (int i = 0; i < outputSize; i++) {
                double center = (i + 0.5) * scale;
                int from = Math.max(0, (int) (center - filter.radius * width + 0.5));
                int to = Math.min(inputSize, (int) (center + filter.radius * width + 0.5));
                first[i] = from;
                weights[i] = fixedPoint(filter, center, width, from, to);
            }
        }

        private static int[] fixedPoint(Resampling filter, double center, double width, int from, int to) {
            double[] exact = new double[to - from];
            double sum = 0;
            for (int k = 0; k < exact.length; k++) {
                exact[k] = filter.weight((from + k - center + 0.5) / width);
                sum += exact[k];
            }
            int[] rounded = new int[exact.length];
            for (int k = 0; k < exact.length; k++) {
                double scaled = exact[k] / sum * (1 << FRACTION_BITS);
                rounded[k] = (int) (scaled + Math.copySign(0.5, scaled));
            }
            return rounded;
        }

        /** Resizes the middle axis of [lines, inputSize, stride]. */
        byte[] apply(byte[] input, int lines, int stride) {
            int outputSize = first.length;
            byte[] output = new byte[Math.multiplyExact(Math.multiplyExact(lines, outputSize), stride)];
            for (int line = 0; line < lines; line++) {
                for (int i = 0; i < outputSize; i++) {
                    int in = (line * inputSize + first[i]) * stride;
                    int out = (line * outputSize + i) * stride;
                    for (int s = 0; s < stride; s++) {
                        output[out + s] = (byte) weightedSum(input, in + s, stride, weights[i]);
                    }
                }
            }
            return output;
        }

        private static int weightedSum(byte[] input, int from, int stride, int[] weights) {
            int sum = 1 << (FRACTION_BITS - 1);
            for (int k = 0, at = from; k < weights.length; k++, at += stride) {
                sum += weights[k] * (input[at] & 0xff);
            }
            return Math.max(0, Math.min(255, sum >> FRACTION_BITS));
        }
    }
}
