package dev.mediator.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.process.NativeGrowth;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Network;
import dev.mediator.transport.Transport;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tensors that are alive while a sampler evaluates its network: no more after hundreds of steps than after a few. */
class SamplingMemoryTest {
    private static final int STEPS = 500;
    private static final int BATCH = 2;

    enum Kind {
        SDE {
            @Override
            void run(Network network, Tensor x) {
                new Sampler(Transport.LINEAR_VELOCITY, SdeConfig.of(SdeSolver.EULER, STEPS))
                        .run(network, x, labels(), (step, like) -> x, StepObserver.NONE);
            }
        },
        ADAPTIVE {
            @Override
            void run(Network network, Tensor x) {
                Network fast = (xt, t, y) -> t.mul(new Scalar(8000))
                        .sin()
                        .reshape(-1, 1, 1, 1)
                        .add(network.predict(xt, t, y), new Scalar(0.1));
                OdeConfig config = OdeConfig.of(OdeSolver.DOPRI5, 2).withTolerances(1e-4, 1e-6);
                new Sampler(Transport.LINEAR_VELOCITY, config)
                        .run(fast, x, labels(), (step, like) -> like, StepObserver.NONE);
            }
        },
        LIKELIHOOD {
            @Override
            void run(Network network, Tensor x) {
                List<RandomStream> streams =
                        NoiseSource.Streams.ofSeed(1, 0, BATCH).streams();
                new Likelihood(Transport.LINEAR_VELOCITY, OdeConfig.of(OdeSolver.EULER, STEPS), 1)
                        .evaluate(network, x, labels(), streams);
            }
        };

        abstract void run(Network network, Tensor x);
    }

    @ParameterizedTest
    @EnumSource
    void stepsDoNotPileUpTensors(Kind kind) throws Exception {
        // Adaptive samples need some tensors less in a step that happens to be equally long for all of them.
        assertThat(NativeGrowth.of(Run.class, kind)).isNotPositive();
    }

    /** Counts at the same place of one evaluation after 7 · 20 and of one after 7 · 50, as Dormand–Prince has 7 a step. */
    static final class Run {
        private static final int EARLY = 140;
        private static final int LATE = 350;

        private Run() {}

        public static void main(String[] args) {
            Engine.start(1);
            int[] calls = {0};
            long[] early = {0};
            Network counting = (xt, t, y) -> {
                calls[0]++;
                if (calls[0] == EARLY) {
                    early[0] = NativeGrowth.alive();
                } else if (calls[0] == LATE) {
                    NativeGrowth.report(NativeGrowth.alive() - early[0]);
                }
                return xt.mul(new Scalar(-0.5)).add(t.reshape(-1, 1, 1, 1));
            };
            try (Scope scope = Scope.open()) {
                Kind.valueOf(args[0]).run(counting, new RandomStream(1, 0).normalTensor(0, BATCH, 4, 16, 16));
            }
        }
    }

    private static Tensor labels() {
        return Tensors.zeros(DType.I64, BATCH);
    }
}
