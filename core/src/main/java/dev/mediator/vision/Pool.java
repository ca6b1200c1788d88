package dev.mediator.vision;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Pooling over windows of 3×3. */
enum Pool implements Layer {
    /** Mean, stride 1, same size; at the border only over the pixels that exist, as TensorFlow has it. */
    AVERAGE {
        @Override
        public Tensor apply(Tensor x) {
            return torch.avg_pool2d(x, WINDOW, ONE, ONE, false, false, new LongOptional());
        }
    },
    /** Maximum, stride 1, same size. */
    MAX {
        @Override
        public Tensor apply(Tensor x) {
            return torch.max_pool2d(x, WINDOW, ONE, ONE, ONE, false);
        }
    },
    /** Maximum, stride 2, whole windows only. */
    MAX_REDUCING {
        @Override
        public Tensor apply(Tensor x) {
            return torch.max_pool2d(x, WINDOW, new long[] {2, 2}, new long[] {0, 0}, ONE, false);
        }
    };

    private static final long[] WINDOW = {3, 3};
    private static final long[] ONE = {1, 1};
}
