package dev.mediator.generation;

import dev.mediator.image.Picture;
import dev.mediator.stepwise.StageTrace;
import java.util.List;
import java.util.stream.Stream;

/**
 * Pictures in the order of their requests.
 *
 * @param pictures what was made
 * @param traces what each picture went through on its way
 * @param spent what all have cost
 */
public record Generation(List<Picture> pictures, List<StageTrace> traces, Spent spent) {
    static final Generation NOTHING = new Generation(List.of(), List.of(), Spent.NOTHING);

    public Generation {
        pictures = List.copyOf(pictures);
        traces = List.copyOf(traces);
    }

    /** These pictures, then others. */
    Generation plus(Generation other) {
        return new Generation(
                Stream.concat(pictures.stream(), other.pictures.stream()).toList(),
                Stream.concat(traces.stream(), other.traces.stream()).toList(),
                spent.plus(other.spent));
    }
}
