package dev.mediator.stepwise;

import dev.mediator.model.FlopCount;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one forward pass of one image costs at each count that is served.
 *
 * @param macs multiply-adds by count, from the cheapest to the costliest
 */
public record StageCosts(Map<MediatorCount, Long> macs) {
    /** Sorts by cost. */
    public StageCosts {
        if (macs.isEmpty()) {
            throw new IllegalArgumentException("no mediator count is served");
        }
        Map<MediatorCount, Long> sorted = new LinkedHashMap<>();
        macs.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.naturalOrder()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        macs = Collections.unmodifiableMap(sorted);
    }

    /** The costs of one network. */
    public static StageCosts of(SitConfig config) {
        Map<MediatorCount, Long> macs = new LinkedHashMap<>();
        config.mediators().forEach(count -> macs.put(count, FlopCount.forward(config, count)));
        return new StageCosts(macs);
    }

    /** The counts, from the cheapest to the costliest. */
    public List<MediatorCount> counts() {
        return List.copyOf(macs.keySet());
    }

    /**
     * Multiply-adds of one forward pass of one image.
     *
     * @throws IllegalArgumentException if the count is not served
     */
    public long of(MediatorCount count) {
        Long cost = macs.get(count);
        if (cost == null) {
            throw notServed(count);
        }
        return cost;
    }

    /** The same at the costliest count: on small grids that may be mediators, on large ones full attention. */
    public long costliest() {
        List<MediatorCount> counts = counts();
        return of(counts.get(counts.size() - 1));
    }

    /** @throws IllegalArgumentException if a count is not served */
    void requireServed(Collection<MediatorCount> counts) {
        counts.forEach(this::of);
    }

    IllegalArgumentException notServed(MediatorCount count) {
        return new IllegalArgumentException("the schedule has the mediator count " + count + ", the network serves "
                + macs.keySet().stream().sorted().toList());
    }
}
