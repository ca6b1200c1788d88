package dev.mediator.generation;

import dev.mediator.image.Picture;
import dev.mediator.stepwise.StageTrace;
import java.util.List;
import java.util.stream.Stream;

/**
 * Pictures in the order of their requests.
 *
 * @param latents what the network made of each, before the codec: [C·H·W] values
 * @param pictures what the codec made of them
 * @param traces what each picture went through
 * @param spent what all have cost
 */
public record Generation(List<float[]> latents, List<Picture> pictures, List<StageTrace> traces, Spent spent) {
    /** Copies the lists. */
    public Generation {
        latents = List.copyOf(latents);
        pictures = List.copyOf(pictures);
        traces = List.copyOf(traces);
    }

    /** These pictures, then others. */
    public Generation plus(Generation other) {
        return new Generation(
                joined(latents, other.latents),
                joined(pictures, other.pictures),
                joined(traces, other.traces),
                spent.plus(other.spent));
    }

    /** Multiply-adds per image that were counted, in 10⁹. */
    public double gflopsPerImage() {
        return traces.stream().mapToDouble(StageTrace::gflops).average().orElseThrow();
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
