package dev.mediator.sampling;

import dev.mediator.transport.Estimate;
import dev.mediator.transport.PerSample;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * One step that has been taken.
 *
 * @param index 0 for the first step
 * @param plannedSteps how many steps the run takes, or -1 if its solver decides as it goes
 * @param t where each sample stood
 * @param dt how far it went, signed; 0 for a sample that did not move, which only adaptive solvers have
 * @param state the state after the step [B, C, H, W]
 * @param estimate what the network said during the step, where {@link Estimate#t} and {@link Estimate#xt} tell: at the
 *     start of the step for solvers of fixed steps, at its end for adaptive ones (which evaluate there anyway). Costs no
 *     evaluation; its denoised sample makes a preview
 * @param evaluations network evaluations of the run so far
 * @param isClosing true for the {@link LastStep}, which jumps to t = 1 without noise
 */
public record SamplerStep(
        int index,
        int plannedSteps,
        PerSample t,
        PerSample dt,
        Tensor state,
        Estimate estimate,
        long evaluations,
        boolean isClosing) {
    /** How far a run from noise to data is, up to 1: in steps, or where they are not planned in the time of the last sample. */
    public double progress() {
        return plannedSteps > 0
                ? (index + 1.0) / plannedSteps
                : Arrays.stream(t.plus(dt).toArray()).min().orElseThrow();
    }
}
