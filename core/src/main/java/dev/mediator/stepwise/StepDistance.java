package dev.mediator.stepwise;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.mediator.sampling.SamplerStep;
import dev.mediator.transport.Labels;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/** How far a step has led. */
public enum StepDistance {
    /** Mean absolute difference between the states after successive steps. */
    MAE,
    /** Mean squared difference between the states after successive steps. */
    MSE,
    /**
     * Mean absolute difference between the denoised samples E[x1 | xt] that the network expected in successive steps. States
     * of an SDE differ mostly by the noise that was added, which is the same for all samples in size; this does not see
     * it.
     */
    DENOISED;

    /** What is compared with the same of the step before, [B, C, H, W]. */
    Tensor of(SamplerStep step) {
        return this == DENOISED ? step.estimate().denoised() : step.state();
    }

    /** The distance of each sample, [B], or over the whole batch, []. */
    Tensor between(Tensor now, Tensor before, boolean batchWide) {
        Tensor difference = now.sub(before);
        Tensor size = this == MSE ? difference.square() : difference.abs();
        return batchWide ? size.mean() : size.mean(new long[] {1, 2, 3}, false, new ScalarTypeOptional());
    }

    /** The word for this distance in JSON and on the command line. */
    @JsonValue
    public String label() {
        return Labels.of(this);
    }

    /** Reads a {@link #label}. */
    @JsonCreator
    public static StepDistance parse(String text) {
        return Labels.parse(StepDistance.class, "the distance", text);
    }
}
