package dev.mediator.stepwise;

import dev.mediator.nn.MediatorCount;
import org.bytedeco.pytorch.Tensor;

/** The networks that serve the stages of a schedule, by mediator count. */
public interface StageNetworks {
    /**
     * Predicts for a batch, all of it at one count.
     *
     * @param count one of those served
     * @param xt noisy images or latents [B, C, H, W]
     * @param t times [B]
     * @param y labels [B] int64
     * @return [B, C, H, W]
     */
    Tensor forward(MediatorCount count, Tensor xt, Tensor t, Tensor y);

    /** The counts that are served, and what a forward pass costs at each. */
    StageCosts costs();

    /** The label that stands for "no class". */
    int nullLabel();
}
