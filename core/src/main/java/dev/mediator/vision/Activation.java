package dev.mediator.vision;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What follows a convolution, element by element. */
enum Activation {
    /** Nothing. */
    NONE {
        @Override
        Tensor applyInPlace(Tensor x) {
            return x;
        }
    },
    /** max(x, 0). */
    RELU {
        @Override
        Tensor applyInPlace(Tensor x) {
            return torch.relu_(x);
        }
    },
    /** x limited to [0, 6]. */
    RELU6 {
        @Override
        Tensor applyInPlace(Tensor x) {
            return torch.hardtanh_(x, new Scalar(0.0), new Scalar(6.0));
        }
    };

    /** Changes x, for inference only, and returns it. */
    abstract Tensor applyInPlace(Tensor x);
}
