package dev.mediator.tuning;

import dev.mediator.generation.Generation;
import dev.mediator.generation.GenerationObserver;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.generation.Spent;
import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.SamplerStep;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.StageNetworks;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Estimate;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Evaluates the cheaper counts where a run through the costliest one was evaluated, at the start of each step. */
final class LocalErrorRecorder {
    private final ImageGenerator generator;
    private final Guidance guidance;
    private final List<MediatorCount> counts;
    private final int steps;
    private final int[] ends;
    private final Runnable onStep;
    private final List<float[][]> errors = new ArrayList<>(); // of each image: [counts · segments][C·H·W]

    LocalErrorRecorder(ImageGenerator generator, RunPlan plan, List<MediatorCount> counts, Runnable onStep) {
        this.generator = generator;
        this.guidance = plan.guidance();
        this.counts = counts;
        this.steps = plan.sampler().plannedSteps().orElseThrow();
        this.ends = LocalErrors.ends(steps);
        this.onStep = onStep;
    }

    /** Makes images through the costliest count, and evaluates the others along the run. */
    Generation run(List<ImageRequest> requests, RunPlan plan, int batch) {
        List<ImageRequest> first = requests.subList(0, Math.min(batch, requests.size()));
        Generation made = generator.generate(first, plan, observer(first));
        return first.size() == requests.size()
                ? made
                : made.plus(run(requests.subList(first.size(), requests.size()), plan, batch));
    }

    private GenerationObserver observer(List<ImageRequest> batch) {
        int first = errors.size();
        batch.forEach(request -> errors.add(new float[counts.size() * ends.length][]));
        return new GenerationObserver() {
            @Override
            public void onStep(SamplerStep step, Spent soFar) {
                onStep.run();
                try (Scope scope = Scope.open()) {
                    Tensor y = Tensors.of(
                            batch.stream().mapToLong(ImageRequest::label).toArray(), batch.size());
                    Tensor reference = step.estimate().velocity();
                    for (int c = 0; c < counts.size(); c++) {
                        Tensor elsewhere =
                                velocity(counts.get(c), step.estimate(), y).sub(reference);
                        add(
                                first,
                                c * ends.length + segment(step.index()),
                                step.dt().scale(elsewhere));
                    }
                }
            }
        };
    }

    private Tensor velocity(MediatorCount count, Estimate at, Tensor y) {
        StageNetworks stages = generator.stages();
        Tensor predicted = at.transport()
                .predict(
                        (x, t, labels) -> guidance.predict(
                                (xs, ts, ys) -> stages.forward(count, xs, ts, ys), stages.nullLabel(), x, t, labels),
                        at.t(),
                        at.xt(),
                        y);
        return new Estimate(at.transport(), at.t(), at.xt(), predicted).velocity();
    }

    private int segment(int step) {
        int segment = 0;
        while (step >= ends[segment]) {
            segment++;
        }
        return segment;
    }

    private void add(int first, int row, Tensor errorsOfBatch) {
        float[] values = Tensors.floats(errorsOfBatch);
        int images = errors.size() - first;
        int size = values.length / images;
        for (int i = 0; i < images; i++) {
            float[][] image = errors.get(first + i);
            if (image[row] == null) {
                image[row] = new float[size];
            }
            for (int p = 0; p < size; p++) {
                image[row][p] += values[i * size + p];
            }
        }
    }

    LocalErrors measured(Generation reference) {
        return LocalErrors.of(steps, counts, errors, reference.latents());
    }
}
