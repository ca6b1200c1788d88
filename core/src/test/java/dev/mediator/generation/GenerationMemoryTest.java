package dev.mediator.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.codec.PixelCodec;
import dev.mediator.model.Guidance;
import dev.mediator.process.LoopBody;
import dev.mediator.process.NativeGrowth;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.stepwise.Schedule;
import dev.mediator.transport.Transport;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tensors outside of the Java heap are freed. */
class GenerationMemoryTest {
    private static final int STEPS = 20;

    @Test
    void generationsLeaveNoTensorBehind() throws Exception {
        assertThat(NativeGrowth.of(Generations.class, 2, 5)).isZero();
    }

    /** {@value #STEPS} steps of an ODE and as many of an SDE, partly guided, through stages. */
    public static final class Generations implements LoopBody {
        private static final SamplerConfig ODE = OdeConfig.of(OdeSolver.HEUN, STEPS + 1);
        private static final SamplerConfig SDE = SdeConfig.of(SdeSolver.EULER, STEPS);
        private static final Schedule SCHEDULE = Schedule.parse("threshold:4,16,full@0.95,0.75;denoised");
        private static final Guidance GUIDANCE = new Guidance(2, 0, 0.2, 0.8);

        private final List<ImageRequest> requests =
                IntStream.range(0, 16).mapToObj(i -> new ImageRequest(i % 3, i)).toList();
        private final ImageGenerator generator = new ImageGenerator(
                TinyNetwork.create(TinyNetwork.config(1)),
                TinyNetwork.CLASSES,
                Transport.LINEAR_VELOCITY,
                new PixelCodec());

        @Override
        public void step() {
            for (SamplerConfig sampler : List.of(ODE, SDE)) {
                generator.generate(
                        requests,
                        generator.plan(new GenerationSettings(sampler, GUIDANCE, SCHEDULE)),
                        GenerationObserver.NONE);
            }
        }

        @Override
        public void close() {
            generator.close();
        }
    }
}
