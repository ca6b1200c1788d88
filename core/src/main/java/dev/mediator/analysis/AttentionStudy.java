package dev.mediator.analysis;

import dev.mediator.generation.ImageRequest;
import dev.mediator.model.ForwardProbe;
import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.nn.AttentionMaps;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.NoiseSource;
import dev.mediator.sampling.Sampler;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SamplerStep;
import dev.mediator.sampling.StepObserver;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Estimate;
import dev.mediator.transport.PerSample;
import dev.mediator.transport.Transport;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * Sampling with an eye on attention. The trajectories are those of the sampler, untouched; at a step that is looked at, the
 * network is run once more for each sample where it was evaluated at the step's start, with the sample's class. Of a guided
 * pair this is the conditional half.
 *
 * @param sit the network
 * @param transport what it was trained for
 * @param sampler how to sample; a solver of fixed steps, so that all samples stand at the same time
 * @param guidance how strongly trajectories follow the class
 * @param mediators what attention goes through
 */
public record AttentionStudy(
        Sit sit, Transport transport, SamplerConfig sampler, Guidance guidance, MediatorCount mediators) {
    private static final long NOISE_STREAM = 0; // as for the pictures of dev.mediator.generation

    /** Looks at one layer's attention for one sample. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Called layer by layer, sample by sample. What {@code maps} gives lives until this returns.
         *
         * @param step the step at whose start the network is looked at
         * @param sample which sample of the batch
         * @param layer number of the block, from 0
         * @param maps computes the maps of this sample, B = 1
         */
        void visit(SamplerStep step, int sample, int layer, Supplier<AttentionMaps> maps);
    }

    /** Refuses solvers that choose their own steps, and settings that the network does not serve. */
    public AttentionStudy {
        if (sampler.plannedSteps().isEmpty()) {
            throw new IllegalArgumentException("the sampler is '" + sampler.summary()
                    + "', attention is studied with solvers of fixed steps only");
        }
        if (!sit.config().mediators().contains(mediators)) {
            throw new IllegalArgumentException("mediators is " + mediators + ", the network serves "
                    + sit.config().mediators());
        }
        guidance.requireUsable(sit.config());
        sampler.interval(transport); // checks that steps remain before the last one
    }

    /** Steps of a run, the last one included. */
    public int steps() {
        return sampler.plannedSteps().orElseThrow();
    }

    /**
     * Accepts one step.
     *
     * @param index its number, from 0
     * @throws IllegalArgumentException if the sampler has no such step
     */
    public Predicate<SamplerStep> atStep(int index) {
        if (index < 0 || index >= steps()) {
            throw new IllegalArgumentException("step is " + index + ", the sampler has 0 to " + (steps() - 1));
        }
        return step -> step.index() == index;
    }

    /** Accepts the step whose start is nearest to a time, and those after it. */
    public Predicate<SamplerStep> fromNearest(double t) {
        if (!(t >= 0 && t <= 1)) {
            throw new IllegalArgumentException("t is " + t + ", allowed are 0 to 1");
        }
        return step -> t < step.t().get(0) + step.dt().get(0) / 2 || step.index() == steps() - 1;
    }

    /**
     * Samples a batch.
     *
     * @param requests classes and seeds
     * @param steps chooses the steps to look at
     * @param visitor looks
     * @param observer told of every step, after the visitor
     * @return the samples [B, C, H, W], owned by the innermost open scope
     */
    public Tensor run(
            List<ImageRequest> requests, Predicate<SamplerStep> steps, Visitor visitor, StepObserver observer) {
        try (Scope scope = Scope.open()) {
            NoiseSource.Streams noise = new NoiseSource.Streams(requests.stream()
                    .map(request -> new RandomStream(request.seed(), NOISE_STREAM))
                    .toList());
            int size = sit.config().inputSize();
            Tensor x0 = sit.device().put(noise.start(sit.config().inChannels(), size, size)); // [B, C, H, W]
            Tensor y =
                    Tensors.of(requests.stream().mapToLong(ImageRequest::label).toArray(), requests.size());
            Tensor x1 = new Sampler(transport, sampler)
                    .run(this::guided, x0, y, noise, step -> {
                        if (steps.test(step)) {
                            for (int sample = 0; sample < requests.size(); sample++) {
                                look(step, sample, y, visitor);
                            }
                        }
                        observer.onStep(step);
                    })
                    .x();
            return scope.keep(x1);
        }
    }

    private Tensor guided(Tensor xt, Tensor t, Tensor y) {
        Guidance.Predictor predictor = (x, times, labels) -> sit.forward(x, times, labels, mediators);
        return guidance.predict(predictor, sit.config().nullLabel(), xt, t, y);
    }

    /** One sample at a time: the N×N maps of a layer are the largest tensors there are. */
    private void look(SamplerStep step, int sample, Tensor y, Visitor visitor) {
        try (Scope scope = Scope.open()) {
            Estimate estimate = step.estimate();
            Tensor xt = estimate.xt().narrow(0, sample, 1);
            Tensor t = PerSample.of(estimate.t().get(sample)).vector(xt);
            sit.forward(xt, t, y.narrow(0, sample, 1), mediators, new ForwardProbe() {
                @Override
                public void record(String module, Tensor output) {
                    // only the maps are looked at
                }

                @Override
                public void attention(int layer, Supplier<AttentionMaps> maps) {
                    try (Scope ofLayer = Scope.open()) {
                        visitor.visit(step, sample, layer, maps);
                    }
                }
            });
        }
    }
}
