package dev.mediator.analysis;

import dev.mediator.codec.PixelCodec;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StaticSchedule;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.transport.Transport;
import java.util.List;

/** Small networks of random weights, and studies of them. */
final class TinyNetwork {
    static final MediatorCount FOUR = new MediatorCount(4);

    private TinyNetwork() {}

    /** Two blocks, two heads, elastic between 4 mediators and full attention, three classes of grey images. */
    static Sit sit(int inputSize) {
        SitConfig config =
                new SitConfig(inputSize, 2, 1, 16, 2, 2, 4, 3, false, List.of(FOUR, MediatorCount.FULL), null);
        return new Sit(
                config,
                (name, init, shape) -> Ops.mul(new RandomStream(9, name.hashCode()).normalTensor(0, shape), 0.3));
    }

    static AttentionStudy study(Sit sit, MediatorCount mediators) {
        return study(sit, OdeConfig.of(OdeSolver.MIDPOINT, 5), mediators);
    }

    /** A study of a network that the caller closes. */
    static AttentionStudy study(Sit sit, SamplerConfig sampler, MediatorCount mediators) {
        return study(sit, sampler, new Guidance(2, 0, 0, 0.6), new StaticSchedule(mediators));
    }

    static AttentionStudy study(Sit sit, SamplerConfig sampler, Guidance guidance, Schedule schedule) {
        ImageGenerator generator = new ImageGenerator(sit, List.of(), Transport.LINEAR_VELOCITY, new PixelCodec());
        return new AttentionStudy(generator, generator.plan(new GenerationSettings(sampler, guidance, schedule)));
    }
}
