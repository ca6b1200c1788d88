package dev.mediator.training;

import dev.mediator.tensor.FusedAdamW;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.UseGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Adam with decoupled weight decay (arXiv 1711.05101) over one flat fp32 buffer.
 *
 * <p>Any thread may use it, one at a time; closing waits for the use in progress, and later uses are refused with an
 * {@link IllegalStateException}.
 */
public final class AdamW implements AutoCloseable {
    /**
     * Settings.
     *
     * @param learningRate step size
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param epsilon added to the denominator
     * @param weightDecay share of the learning rate by which weights shrink
     */
    public record Config(double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {
        /** The published recipe: 1e-4, 0.9, 0.999, 1e-8, no decay. */
        public static final Config DEFAULT = new Config(1e-4, 0.9, 0.999, 1e-8, 0);

        public Config {
            require(learningRate > 0 && learningRate <= 1, "learningRate", learningRate, "above 0, at most 1");
            require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "0 to below 1");
            require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "0 to below 1");
            require(epsilon > 0 && epsilon < 1, "epsilon", epsilon, "above 0, below 1");
            require(weightDecay >= 0 && weightDecay <= 1, "weightDecay", weightDecay, "0 to 1");
        }

        private static void require(boolean holds, String field, double value, String allowed) {
            if (!holds) {
                throw new IllegalArgumentException("optimizer." + field + " is " + value + ", allowed is " + allowed);
            }
        }
    }

    /**
     * Elements that are updated at a time, few enough for their part of all buffers to stay in the cache: over whole buffers
     * each of the operations goes through memory, twenty passes instead of seven.
     */
    private static final long PIECE = 1 << 18;

    private final Config config;
    private final UseGuard guard = new UseGuard("the optimizer");
    private final Tensor firstMoment;
    private final Tensor secondMoment;
    private long steps;

    /** @param values the flat buffer, [P] fp32; the optimizer is where it is */
    public AdamW(Config config, Tensor values) {
        this.config = config;
        try (Scope scope = Scope.open()) {
            firstMoment = scope.release(torch.zeros_like(values));
            secondMoment = scope.release(torch.zeros_like(values));
        }
    }

    /** First moment, [P]. */
    public Tensor firstMoment() {
        try (UseGuard.Use use = guard.use()) {
            return firstMoment;
        }
    }

    /** Second moment, [P]. */
    public Tensor secondMoment() {
        try (UseGuard.Use use = guard.use()) {
            return secondMoment;
        }
    }

    /** Updates done so far. */
    public long steps() {
        return steps;
    }

    /** Sets the number of updates done, after the moments have been loaded. */
    public void resumeAt(long steps) {
        this.steps = steps;
    }

    /**
     * One update in place.
     *
     * @param values [P] fp32
     * @param gradients [P] fp32
     * @param rateFactor multiplies the learning rate, for warm-up
     */
    public void step(Tensor values, Tensor gradients, double rateFactor) {
        try (UseGuard.Use use = guard.use()) {
            steps++;
            double rate = config.learningRate * rateFactor;
            if (!values.is_cpu()) {
                FusedAdamW update =
                        new FusedAdamW(rate, config.beta1, config.beta2, config.epsilon, config.weightDecay);
                update.step(steps, values, gradients, firstMoment, secondMoment);
                return;
            }
            for (long from = 0; from < values.numel(); from += PIECE) {
                long length = Math.min(PIECE, values.numel() - from);
                try (Scope scope = Scope.open()) {
                    step(
                            values.narrow(0, from, length),
                            gradients.narrow(0, from, length),
                            firstMoment.narrow(0, from, length),
                            secondMoment.narrow(0, from, length),
                            rate);
                }
            }
        }
    }

    /** One update of a piece. */
    private void step(Tensor x, Tensor gradient, Tensor first, Tensor second, double rate) {
        double correction1 = 1 - Math.pow(config.beta1, (double) steps);
        double correction2 = 1 - Math.pow(config.beta2, (double) steps);
        if (config.weightDecay != 0) {
            x.mul_(new Scalar(1 - rate * config.weightDecay));
        }
        first.lerp_(gradient, new Scalar(1 - config.beta1));
        second.mul_(new Scalar(config.beta2));
        second.addcmul_(gradient, gradient, new Scalar(1 - config.beta2));
        Tensor denominator = second.sqrt();
        denominator.div_(new Scalar(Math.sqrt(correction2)));
        denominator.add_(new Scalar(config.epsilon));
        x.addcdiv_(first, denominator, new Scalar(-rate / correction1));
    }

    @Override
    public void close() {
        guard.close(() -> {
            firstMoment.close();
            secondMoment.close();
        });
    }
}
