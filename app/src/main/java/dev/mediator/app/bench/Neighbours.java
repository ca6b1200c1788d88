package dev.mediator.app.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** Watches how much of this machine's CPU time other processes use. */
@FunctionalInterface
public interface Neighbours {
    /** Above this share figures are worse than they could be. */
    double DISTURBING = 0.05;

    /** The share since the watch began, 0 to 1; empty on systems that do not tell. */
    OptionalDouble share();

    /**
     * Begins to watch. Where the system does not say what others spend meanwhile, the load of the minute before stands for
     * it, which misses what begins later.
     */
    static Neighbours watch() {
        return CpuTime.now().map(Neighbours::since).orElseGet(() -> {
            OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
            OptionalDouble before = load(system.getSystemLoadAverage(), system.getAvailableProcessors());
            return () -> before;
        });
    }

    private static Neighbours since(CpuTime start) {
        return () -> {
            CpuTime end = CpuTime.now().orElse(start);
            return OptionalDouble.of(end.othersSince(start));
        };
    }

    /**
     * A load average as a share of the CPUs.
     *
     * @param load negative if unknown
     */
    static OptionalDouble load(double load, int cpus) {
        return load < 0 ? OptionalDouble.empty() : OptionalDouble.of(Math.min(1, load / cpus));
    }

    /** What to say of figures that were measured beside others; empty if they were hardly disturbed. */
    static Optional<String> warning(OptionalDouble share) {
        return share.orElse(0) <= DISTURBING
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "other processes used %.0f %% of this machine's CPU time meanwhile: figures are worse than they"
                                + " could be",
                        100 * share.getAsDouble()));
    }
}
