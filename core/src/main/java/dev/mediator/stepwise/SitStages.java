package dev.mediator.stepwise;

import dev.mediator.model.FlopCount;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * One elastic network that serves every stage, or several networks that together do, such as one of each count. Each is
 * in memory once. Owns them until it is closed.
 *
 * <p>Any thread may use it: threads take turns at each network, and a closed network refuses to be used.
 */
public final class SitStages implements StageNetworks, AutoCloseable {
    private final List<Sit> networks;
    private final Map<MediatorCount, Sit> byCount = new LinkedHashMap<>();
    private final StageCosts costs;

    /**
     * Takes the networks over, unless it throws.
     *
     * @throws IllegalArgumentException if two serve the same count, or they work on images or classes that differ
     */
    public SitStages(List<Sit> networks) {
        if (networks.isEmpty()) {
            throw new IllegalArgumentException("no network is given for the stages");
        }
        this.networks = List.copyOf(networks);
        Map<MediatorCount, Long> macs = new LinkedHashMap<>();
        for (Sit network : networks) {
            requireAlike(networks.get(0).config(), network.config());
            for (MediatorCount count : network.config().mediators()) {
                if (byCount.put(count, network) != null) {
                    throw new IllegalArgumentException("the mediator count " + count
                            + " is served by two networks, allowed is one network for each count");
                }
                macs.put(count, FlopCount.forward(network.config(), count));
            }
        }
        this.costs = new StageCosts(macs);
    }

    /** Takes one network over. */
    public SitStages(Sit network) {
        this(List.of(network));
    }

    private static void requireAlike(SitConfig first, SitConfig other) {
        requireSame("inputSize", first.inputSize(), other.inputSize());
        requireSame("inChannels", first.inChannels(), other.inChannels());
        requireSame("numClasses", first.numClasses(), other.numClasses());
        requireSame("rows of labels", first.labelRows(), other.labelRows());
    }

    private static void requireSame(String field, long first, long other) {
        if (first != other) {
            throw new IllegalArgumentException("the networks of the stages have the " + field + " " + first + " and "
                    + other + ", allowed is the same for all");
        }
    }

    /** The networks, in the order in which they were given. */
    public List<Sit> networks() {
        return networks;
    }

    /**
     * The network that serves a count.
     *
     * @throws IllegalArgumentException if none does
     */
    public Sit network(MediatorCount count) {
        Sit network = byCount.get(count);
        if (network == null) {
            throw costs.notServed(count);
        }
        return network;
    }

    @Override
    public Tensor forward(MediatorCount count, Tensor xt, Tensor t, Tensor y) {
        return network(count).forward(xt, t, y, count);
    }

    @Override
    public StageCosts costs() {
        return costs;
    }

    @Override
    public int nullLabel() {
        return networks.get(0).config().nullLabel();
    }

    @Override
    public void close() {
        networks.forEach(Sit::close);
    }
}
