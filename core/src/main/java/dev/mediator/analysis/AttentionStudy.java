package dev.mediator.analysis;

import dev.mediator.generation.GenerationObserver;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.model.ForwardProbe;
import dev.mediator.model.Sit;
import dev.mediator.nn.AttentionMaps;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.SamplerStep;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Estimate;
import dev.mediator.transport.PerSample;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * Sampling with an eye on attention. The trajectories are those of the sampler, untouched; at a step that is looked at, the
 * network is run once more for each sample where it was evaluated at the step's start, with the sample's class. Of a guided
 * pair this is the conditional half.
 *
 * @param generator the network; one that serves all steps
 * @param plan how to sample: with a solver of fixed steps, so that all samples stand at the same time, and a static schedule
 */
public record AttentionStudy(ImageGenerator generator, RunPlan plan) {
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

    /** Refuses solvers that choose their own steps, and schedules that are not static. */
    public AttentionStudy {
        if (plan.sampler().isAdaptive()) {
            throw new IllegalArgumentException("the sampler is '"
                    + plan.sampler().summary() + "', attention is studied with solvers of fixed steps only");
        }
        if (plan.schedule().counts().size() != 1) {
            throw new IllegalArgumentException(
                    "the schedule is " + plan.schedule() + ", attention is studied with static schedules only");
        }
    }

    /** The network. */
    public Sit sit() {
        return generator.network(mediators());
    }

    /** What attention goes through. */
    public MediatorCount mediators() {
        return plan.schedule().counts().get(0);
    }

    /** Steps of a run, the last one included. */
    public int steps() {
        return plan.sampler().plannedSteps().orElseThrow();
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
     * Looks at the steps of a batch, for {@link ImageGenerator#generate} or {@link ImageGenerator#sample}.
     *
     * @param requests classes and seeds of the batch
     * @param steps chooses the steps to look at
     * @param visitor looks
     */
    public GenerationObserver observer(List<ImageRequest> requests, Predicate<SamplerStep> steps, Visitor visitor) {
        Sit sit = sit();
        return (step, soFar) -> {
            if (steps.test(step)) {
                for (int sample = 0; sample < requests.size(); sample++) {
                    look(sit, step, sample, requests.get(sample).label(), visitor);
                }
            }
        };
    }

    /** One sample at a time: the N×N maps of a layer are the largest tensors there are. */
    private void look(Sit sit, SamplerStep step, int sample, int label, Visitor visitor) {
        try (Scope scope = Scope.open()) {
            Estimate estimate = step.estimate();
            Tensor xt = estimate.xt().narrow(0, sample, 1);
            Tensor t = PerSample.of(estimate.t().get(sample)).vector(xt);
            Tensor y = Tensors.of(new long[] {label}, 1);
            sit.forward(xt, t, y, mediators(), new ForwardProbe() {
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
