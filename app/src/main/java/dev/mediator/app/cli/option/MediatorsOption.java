package dev.mediator.app.cli.option;

import dev.mediator.nn.MediatorCount;
import dev.mediator.stepwise.StaticSchedule;
import java.util.Collection;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that chooses one mediator count for all steps. */
public final class MediatorsOption {
    @Option(
            names = "--mediators",
            paramLabel = "N|full",
            description =
                    "What attention goes through, for models that serve several. Default: the model's largest count.")
    private @Nullable String mediators;

    /** What was given; null for nothing. */
    @Nullable
    String text() {
        return mediators;
    }

    /**
     * The schedule of one count.
     *
     * @param served the counts of the network
     * @param largest the one taken if none is named
     */
    public StaticSchedule schedule(Collection<MediatorCount> served, MediatorCount largest) {
        if (mediators == null) {
            return new StaticSchedule(largest);
        }
        MediatorCount count = MediatorCount.parse(mediators);
        if (!served.contains(count)) {
            throw new IllegalArgumentException(
                    "--mediators is '" + mediators + "', the model serves " + new TreeSet<>(served));
        }
        return new StaticSchedule(count);
    }
}
