package dev.mediator.model;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.TimeEmbedding;
import dev.mediator.tensor.Shapes;
import dev.mediator.transport.Labels;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;

/**
 * Multiply-adds of one forward pass of one image, by part of the network: L·(12·N·D² + A + 6·D²) + embedders + final
 * layer, where A is 2·N²·D for softmax and 4·n·N·D + 9·N·D for mediators. Products are counted, and nothing else: not
 * bias additions, softmax, normalisation and activations, nor the averaging that makes mediators and the resizing of
 * their biases. So does the paper (arXiv 2408.05710).
 *
 * <p>A forward pass of B images issues exactly B times these products, which {@link dev.mediator.tensor.MacCounter}
 * counts while it runs.
 *
 * @param parts multiply-adds of every part, 0 where the network lacks it
 */
public record FlopCount(Map<Part, Long> parts) {
    /** What multiply-adds are spent on, in the order of the forward pass. */
    public enum Part {
        /** Linear embedding of the patches: N·D·p²·C. */
        PATCHES,
        /** The time's MLP; a label's embedding is looked up, at no cost. */
        CONDITIONING,
        /** adaLN: six vectors per block from the condition, 6·D². */
        MODULATION,
        /** Queries, keys and values: 3·N·D² per block. */
        QKV,
        /** Scores and values of attention between all pairs of tokens: 2·N²·D per block that has it. */
        SOFTMAX,
        /** Mediators read the tokens, scores and values: 2·n·N·D per block that has them. */
        READ,
        /** Tokens read the mediators, scores and values: 2·n·N·D per block that has them. */
        WRITE,
        /** Depthwise 3×3 convolution of the value map: 9·N·D per block with mediators, be attention full or not. */
        CONVOLUTION,
        /** Output projection of attention: N·D² per block. */
        PROJ,
        /** 8·N·D² per block, with a hidden width of 4·D. */
        MLP,
        /** The last layer and its own modulation: N·D·p²·C_out + 2·D². */
        FINAL;

        /** The word for this part in JSON and in tables. */
        @JsonValue
        public String label() {
            return Labels.of(this);
        }
    }

    public FlopCount {
        EnumMap<Part, Long> all = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            all.put(part, parts.getOrDefault(part, 0L));
        }
        parts = Collections.unmodifiableMap(all);
    }

    /**
     * Counts a forward pass of one image.
     *
     * @throws IllegalArgumentException if the network does not serve this count, or is too large for the result to be a
     *     {@code long}
     */
    public static FlopCount of(SitConfig config, MediatorCount mediators) {
        if (!config.mediators().contains(mediators)) {
            throw new IllegalArgumentException(
                    "mediator count is " + mediators + ", the network's choices are " + config.mediators());
        }
        try {
            FlopCount count = new FlopCount(count(config, mediators));
            count.total(); // so that nobody who asks for it later finds it too large
            return count;
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("the network is too large: it takes 2⁶³ multiply-adds or more", e);
        }
    }

    /** All multiply-adds of a forward pass of one image. */
    public static long forward(SitConfig config, MediatorCount mediators) {
        return of(config, mediators).total();
    }

    /** The choice of attention that costs most: on small grids this may be mediators, on large ones full attention. */
    public static MediatorCount costliest(SitConfig config) {
        return config.mediators().stream()
                .max(Comparator.comparingLong(count -> forward(config, count)))
                .orElseThrow();
    }

    /** Multiply-adds of one part. */
    public long macs(Part part) {
        return parts.getOrDefault(part, 0L);
    }

    /** Multiply-adds of all parts. */
    public long total() {
        return parts.values().stream().mapToLong(Long::longValue).reduce(0, Math::addExact);
    }

    private static Map<Part, Long> count(SitConfig config, MediatorCount mediators) {
        long n = config.tokens();
        long d = config.width();
        long p = config.patchSize();
        long blocks = config.depth();
        long withMediators = config.blocksWithMediators();
        long mediated = mediators.isFull() ? 0 : withMediators;
        Map<Part, Long> parts = new EnumMap<>(Part.class);
        parts.put(Part.PATCHES, product(n, d, p, p, config.inChannels()));
        parts.put(Part.CONDITIONING, product(d, TimeEmbedding.FEATURES + d));
        parts.put(Part.MODULATION, product(blocks, 6, d, d));
        parts.put(Part.QKV, product(blocks, 3, n, d, d));
        parts.put(Part.SOFTMAX, product(blocks - mediated, 2, n, n, d));
        parts.put(Part.READ, product(mediated, 2, mediators.tokens(), n, d));
        parts.put(Part.WRITE, product(mediated, 2, mediators.tokens(), n, d));
        parts.put(Part.CONVOLUTION, product(withMediators, 9, n, d));
        parts.put(Part.PROJ, product(blocks, n, d, d));
        parts.put(Part.MLP, product(blocks, 2, n, d, config.hiddenWidth()));
        parts.put(Part.FINAL, Math.addExact(product(n, d, p, p, config.outChannels()), product(2, d, d)));
        return parts;
    }

    /** Refuses to overflow. */
    private static long product(long... factors) {
        return Shapes.numel(factors);
    }
}
