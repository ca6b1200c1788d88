package dev.mediator.evaluation.extractor;

import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/** Ways to bring pictures to a network's size. Each is linear, so it is one matrix for the columns and one for the rows. */
enum Resize {
    /**
     * Linear interpolation between two neighbours, output pixel i at i·scale: TensorFlow 1's {@code ResizeBilinear} without
     * aligned corners. Nothing is smoothed when reducing.
     */
    TENSOR_FLOW_1 {
        @Override
        void fill(float[] row, int i, double scale) {
            interpolate(row, i * (float) scale);
        }
    },
    /**
     * Linear interpolation between two neighbours, the centre of output pixel i at (i + ½)·scale: PyTorch's {@code
     * interpolate} without aligned corners. Nothing is smoothed when reducing.
     */
    HALF_PIXEL {
        @Override
        void fill(float[] row, int i, double scale) {
            interpolate(row, Math.max(0, (i + 0.5f) * (float) scale - 0.5f));
        }
    },
    /**
     * Cubic convolution with a = −1/2, as wide as an output pixel when reducing, so that nothing aliases: Pillow's bicubic
     * filter, without its rounding to 8 bits between columns and rows.
     */
    BICUBIC {
        @Override
        void fill(float[] row, int i, double scale) {
            double width = Math.max(1, scale);
            double center = (i + 0.5) * scale;
            double sum = 0;
            for (int k = 0; k < row.length; k++) {
                sum += cubic((k + 0.5 - center) / width);
            }
            for (int k = 0; k < row.length; k++) {
                row[k] = (float) (cubic((k + 0.5 - center) / width) / sum);
            }
        }
    };

    private static final double LARGEST = 255;

    /** Weights of all input pixels in output pixel i; {@code scale} is input size / output size. */
    abstract void fill(float[] row, int i, double scale);

    /**
     * Resizes a batch.
     *
     * @param samples [B, C, H, W] fp32, in [0, 255]
     * @return [B, C, height, width] fp32, in [0, 255]
     */
    Tensor apply(Tensor samples, int height, int width) {
        return Scope.keepResult(() -> {
            Tensor columns = lastAxis(samples, width); // [B, C, H, width]
            Tensor rows = lastAxis(columns.transpose(2, 3), height); // [B, C, width, height]
            // Cubic convolution overshoots at edges.
            return rows.transpose(2, 3)
                    .clamp(new ScalarOptional(new Scalar(0.0)), new ScalarOptional(new Scalar(LARGEST)));
        });
    }

    private Tensor lastAxis(Tensor x, int size) {
        int inputSize = (int) x.size(3);
        if (inputSize == size) {
            return x;
        }
        float[] matrix = new float[Math.multiplyExact(size, inputSize)];
        float[] row = new float[inputSize];
        for (int i = 0; i < size; i++) {
            Arrays.fill(row, 0);
            fill(row, i, (double) inputSize / size);
            System.arraycopy(row, 0, matrix, i * inputSize, inputSize);
        }
        Tensor lines = x.contiguous().view(1, -1, inputSize);
        Tensor weight = Tensors.like(Tensors.of(matrix, size, inputSize), x);
        return Ops.linear(lines, weight, Placement.of(weight).zeros(size))
                .contiguous()
                .view(x.size(0), x.size(1), x.size(2), size);
    }

    /** The two pixels around a position, which is computed in fp32, as in both originals. */
    private static void interpolate(float[] row, float position) {
        int below = (int) position;
        float share = position - below;
        row[below] = 1 - share;
        row[Math.min(below + 1, row.length - 1)] += share;
    }

    private static double cubic(double x) {
        double d = Math.abs(x);
        if (d < 1) {
            return (1.5 * d - 2.5) * d * d + 1;
        }
        return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
    }
}
