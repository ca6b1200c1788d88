package dev.mediator.app.cli.option;

import dev.mediator.nn.MediatorCount;
import java.util.Arrays;
import java.util.List;

/** What {@code --mediators} may be where it takes several counts. */
public final class MediatorsList {
    private MediatorsList() {}

    /** Reads {@code 4,16,full}. */
    public static List<MediatorCount> parse(String list) {
        List<MediatorCount> counts =
                Arrays.stream(list.split(",", -1)).map(MediatorCount::parse).toList();
        if (counts.stream().distinct().count() < counts.size()) {
            throw new IllegalArgumentException("--mediators is '" + list + "', allowed is a list without repetitions");
        }
        return counts;
    }
}
