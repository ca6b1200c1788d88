package dev.mediator.tuning;

import dev.mediator.generation.GenerationObserver;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.image.Picture;
import dev.mediator.sampling.SamplerStep;
import dev.mediator.stepwise.StageTrace;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Images that were made, with what they are compared by.
 *
 * @param latents the final state of each, [C·H·W] values
 * @param pictures what the codec made of them
 * @param traces what each went through
 */
public record FinishedRun(List<float[]> latents, List<Picture> pictures, List<StageTrace> traces) {
    /** Copies the lists. */
    public FinishedRun {
        latents = List.copyOf(latents);
        pictures = List.copyOf(pictures);
        traces = List.copyOf(traces);
    }

    /** Listens to the batches of a run. */
    interface BatchObserver {
        /** The listener of one batch. */
        GenerationObserver of(List<ImageRequest> batch);
    }

    /**
     * Makes images.
     *
     * @param batch how many at a time; changes speed and memory only
     * @param onStep told of each step of each batch; throwing ends the run
     * @throws IllegalArgumentException if the solver chooses its own steps, or the network cannot be sampled so
     */
    public static FinishedRun of(
            ImageGenerator generator,
            List<ImageRequest> requests,
            GenerationSettings settings,
            int batch,
            Runnable onStep) {
        return observed(generator, requests, settings, batch, part -> (step, soFar) -> onStep.run());
    }

    static FinishedRun observed(
            ImageGenerator generator,
            List<ImageRequest> requests,
            GenerationSettings settings,
            int batch,
            BatchObserver observer) {
        requirePlanned(settings);
        List<float[]> latents = new ArrayList<>();
        List<Picture> pictures = new ArrayList<>();
        List<StageTrace> traces = new ArrayList<>();
        for (int first = 0; first < requests.size(); first += batch) {
            List<ImageRequest> part = requests.subList(first, Math.min(first + batch, requests.size()));
            GenerationObserver listener = observer.of(part);
            var made = generator.generate(part, settings, (step, soFar) -> {
                listener.onStep(step, soFar);
                if (step.index() == step.plannedSteps() - 1) {
                    latents.addAll(perImage(step));
                }
            });
            pictures.addAll(made.pictures());
            traces.addAll(made.traces());
        }
        return new FinishedRun(latents, pictures, traces);
    }

    /** @throws IllegalArgumentException if the solver chooses its own steps */
    public static void requirePlanned(GenerationSettings settings) {
        if (settings.sampler().plannedSteps().isEmpty()) {
            throw new IllegalArgumentException(
                    "the sampler is '" + settings.sampler().summary()
                            + "', allowed here are solvers of fixed steps, whose runs can be compared step by step");
        }
    }

    private static List<float[]> perImage(SamplerStep step) {
        float[] all = Tensors.floats(step.state());
        int size = all.length / step.dt().batch();
        List<float[]> images = new ArrayList<>();
        for (int begin = 0; begin < all.length; begin += size) {
            images.add(Arrays.copyOfRange(all, begin, begin + size));
        }
        return images;
    }

    /** Multiply-adds per image that were counted, in 10⁹. */
    public double gflops() {
        return traces.stream().mapToDouble(StageTrace::gflops).average().orElseThrow();
    }

    /** These images, then others. */
    FinishedRun plus(FinishedRun other) {
        return new FinishedRun(
                joined(latents, other.latents), joined(pictures, other.pictures), joined(traces, other.traces));
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
