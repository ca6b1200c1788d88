package dev.mediator.sampling;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Labels;
import dev.mediator.transport.PerSample;
import java.util.Arrays;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/** Over what an adaptive solver measures its error, and so which samples share a step size. */
public enum ErrorNorm {
    /**
     * Each sample alone: it has its own steps, so that its result does not depend on the batch it is in. The last step is cut
     * to end at the end of the interval; nothing is evaluated outside it.
     */
    PER_SAMPLE,
    /**
     * The whole batch, as torchdiffeq does: one step size for all, results depend on the batch. Steps may pass the end of the
     * interval, where the result is interpolated; a network whose coefficients are not finite there fails.
     */
    BATCH;

    private static final int STEPS_PER_OCTAVE = 4;

    boolean sharesSteps() {
        return this == BATCH;
    }

    /**
     * The step length to take for a wanted one. Where each sample has its own, lengths are cut to the powers of 2^(1/4): the
     * last digits of a network's output depend on the size of the batch, and would otherwise nearly always choose other steps.
     * Where they still do, results differ within the tolerance.
     */
    double length(double wanted) {
        return sharesSteps()
                ? wanted
                : Math.pow(2, Math.floor(STEPS_PER_OCTAVE * Math.log(wanted) / Math.log(2)) / STEPS_PER_OCTAVE);
    }

    /**
     * Root mean square of a scaled error for each sample, the same for all with {@link #BATCH}. If the columns fall into
     * groups, such as a state and its log-density, the largest of the groups counts.
     *
     * @param scaled error in units of its tolerance [B, n]
     * @param widths columns of each group, in order, n together; none for a single group
     */
    PerSample rootMeanSquare(Tensor scaled, int... widths) {
        if (widths.length == 0) {
            return ofGroup(scaled);
        }
        PerSample largest = PerSample.uniform(Math.toIntExact(scaled.size(0)), 0);
        int column = 0;
        for (int width : widths) {
            largest = largest.combine(ofGroup(scaled.narrow(1, column, width)), Math::max);
            column += width;
        }
        return largest;
    }

    private PerSample ofGroup(Tensor columns) {
        double[] meanSquares = Tensors.doubles(columns.square().mean(new long[] {1}, false, new ScalarTypeOptional()));
        if (sharesSteps()) {
            double mean = Arrays.stream(meanSquares).average().orElseThrow();
            return PerSample.uniform(meanSquares.length, Math.sqrt(mean));
        }
        return PerSample.of(meanSquares).map(Math::sqrt);
    }

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
