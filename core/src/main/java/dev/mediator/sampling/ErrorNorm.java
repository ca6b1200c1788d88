package dev.mediator.sampling;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Labels;
import dev.mediator.transport.PerSample;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/** Over what an adaptive solver measures its error, and so which samples share a step size. */
public enum ErrorNorm {
    /**
     * Each sample alone: it has its own steps, so that its result does not depend on the batch it is in. The last step is cut
     * to end at the end of the interval; nothing is evaluated outside it.
     */
    PER_SAMPLE {
        @Override
        PerSample reduce(Tensor meanSquares) {
            return PerSample.of(meanSquares).map(Math::sqrt);
        }
    },
    /**
     * The whole batch, as torchdiffeq does: one step size for all, results depend on the batch. Steps may pass the end of the
     * interval, where the result is interpolated (the last state that an observer sees is then not the result); a network whose coefficients are not finite there fails.
     */
    BATCH {
        @Override
        PerSample reduce(Tensor meanSquares) {
            double[] each = Tensors.doubles(meanSquares);
            double sum = 0;
            for (double meanSquare : each) {
                sum += meanSquare;
            }
            return PerSample.uniform(each.length, Math.sqrt(sum / each.length));
        }
    };

    /**
     * Root mean square of a scaled error, for each sample (the same for all with {@link #BATCH}). If the columns fall into
     * groups, such as a state and its log-density, the largest of the groups counts.
     *
     * @param scaled error in units of its tolerance [B, n]
     * @param widths columns of each group, in order; they add up to n
     */
    PerSample rootMeanSquare(Tensor scaled, int... widths) {
        PerSample largest = PerSample.uniform(Math.toIntExact(scaled.size(0)), 0);
        int column = 0;
        for (int width : widths) {
            Tensor squares = scaled.narrow(1, column, width).square();
            PerSample group = reduce(squares.mean(new long[] {1}, false, new ScalarTypeOptional()));
            largest = largest.combine(group, Math::max);
            column += width;
        }
        return largest;
    }

    /** Combines the mean squares [B] of the samples. */
    abstract PerSample reduce(Tensor meanSquares);

    /** The word for this norm in JSON and on the command line. */
    @JsonValue
    public String label() {
        return Labels.of(this);
    }

    /** Reads a {@link #label}. */
    @JsonCreator
    public static ErrorNorm parse(String text) {
        return Labels.parse(ErrorNorm.class, "error norm", text);
    }
}
