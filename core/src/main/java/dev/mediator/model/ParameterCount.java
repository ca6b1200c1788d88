package dev.mediator.model;

import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.TimeEmbedding;
import dev.mediator.tensor.Shapes;

/** Number of trained values of a network that need not exist: what {@link Sit#parameterCount} says once it is built. */
public final class ParameterCount {
    private ParameterCount() {}

    /**
     * Counts weights and biases of all layers. The position table, N·D values, is not trained and does not count; published
     * figures include it.
     *
     * @throws IllegalArgumentException if the network is too large for the result to be a {@code long}
     */
    public static long of(SitConfig config) {
        try {
            return sum(
                    embedders(config),
                    product(config.depth(), block(config)),
                    product(config.blocksWithMediators(), mediators(config)),
                    finalLayer(config));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("the network is too large: it has 2⁶³ parameters or more", e);
        }
    }

    private static long embedders(SitConfig config) {
        long d = config.width();
        long patch = product(config.patchSize(), config.patchSize(), config.inChannels());
        return sum(linear(patch, d), linear(TimeEmbedding.FEATURES, d), linear(d, d), product(config.labelRows(), d));
    }

    /** Modulation, qkv, proj and MLP. */
    private static long block(SitConfig config) {
        long d = config.width();
        long hidden = config.hiddenWidth();
        return sum(linear(d, 6 * d), linear(d, 3 * d), linear(d, d), linear(d, hidden), linear(hidden, d));
    }

    /**
     * What mediators add to a block: the depthwise 3×3 convolution and, for each of n mediators of a count and each head,
     * two 7×7 maps, two rows and two columns of position biases.
     */
    private static long mediators(SitConfig config) {
        long counts = 0;
        for (MediatorCount count : config.mediators()) {
            counts += count.tokens();
        }
        return sum(product(9 + 1, config.width()), product(counts, config.heads(), 2 * (7 * 7 + 2L * config.grid())));
    }

    private static long finalLayer(SitConfig config) {
        long d = config.width();
        long outputs = product(config.patchSize(), config.patchSize(), config.outChannels());
        return sum(linear(d, 2 * d), linear(d, outputs));
    }

    /** Weight and bias. */
    private static long linear(long in, long out) {
        return sum(product(in, out), out);
    }

    private static long sum(long... terms) {
        long sum = 0;
        for (long term : terms) {
            sum = Math.addExact(sum, term);
        }
        return sum;
    }

    private static long product(long... factors) {
        return Shapes.numel(factors);
    }
}
