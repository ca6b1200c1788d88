package dev.mediator.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.mediator.nn.MediatorCount;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The shape of a SiT, and what its attention goes through. Stored with every checkpoint.
 *
 * @param inputSize side of the square image or latent, a multiple of {@code patchSize}
 * @param patchSize p
 * @param inChannels C of the input
 * @param width D, a multiple of {@code heads} and of 4
 * @param depth number of blocks L
 * @param heads M
 * @param mlpRatio hidden width of the MLP in units of D
 * @param numClasses number of classes; label {@code numClasses} means none
 * @param learnSigma whether the output has 2·C channels, of which the second half is not used (checkpoints of DiT and
 *     SiT have it)
 * @param mediators what attention can go through: {@code [full]} is plain SiT, {@code [16]} a model of 16 mediators,
 *     several entries one elastic model with shared weights
 * @param mediatorBlocks indices of the blocks with mediator attention, the others have softmax attention; null for all
 * @param lacksNullLabel true if the table of labels has no row for "none", as in networks of others that were trained without
 *     label dropout; such a network cannot be guided
 */
public record SitConfig(
        int inputSize,
        int patchSize,
        int inChannels,
        int width,
        int depth,
        int heads,
        double mlpRatio,
        int numClasses,
        boolean learnSigma,
        List<MediatorCount> mediators,
        @Nullable List<Integer> mediatorBlocks,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonSetter(nulls = Nulls.AS_EMPTY)
        boolean lacksNullLabel) {
    /** Tokens per side for which N is an {@code int}; far beyond what any machine computes. */
    private static final int MAX_GRID = 32768;

    /** A network with a label for "none", as all are that are trained here. */
    public SitConfig(
            int inputSize,
            int patchSize,
            int inChannels,
            int width,
            int depth,
            int heads,
            double mlpRatio,
            int numClasses,
            boolean learnSigma,
            List<MediatorCount> mediators,
            @Nullable List<Integer> mediatorBlocks) {
        this(
                inputSize,
                patchSize,
                inChannels,
                width,
                depth,
                heads,
                mlpRatio,
                numClasses,
                learnSigma,
                mediators,
                mediatorBlocks,
                false);
    }

    public SitConfig {
        require(patchSize >= 1, "patchSize", patchSize, "at least 1");
        require(
                inputSize >= patchSize && inputSize % patchSize == 0,
                "inputSize",
                inputSize,
                "a multiple of patchSize " + patchSize);
        require(inChannels >= 1, "inChannels", inChannels, "at least 1");
        require(heads >= 1, "heads", heads, "at least 1");
        require(
                width >= 4 && width % 4 == 0 && width % heads == 0,
                "width",
                width,
                "a multiple of 4 and of heads " + heads);
        require(depth >= 1, "depth", depth, "at least 1");
        require(mlpRatio > 0 && mlpRatio * width >= 1, "mlpRatio", mlpRatio, "above 0");
        require(numClasses >= 1, "numClasses", numClasses, "at least 1");
        mediators = List.copyOf(mediators);
        require(!mediators.isEmpty(), "mediators", mediators, "at least one count or 'full'");
        require(
                mediators.stream().distinct().count() == mediators.size(),
                "mediators",
                mediators,
                "a list without repetitions");
        int grid = inputSize / patchSize;
        require(grid <= MAX_GRID, "inputSize", inputSize, "at most " + MAX_GRID + " patches of " + patchSize);
        for (MediatorCount count : mediators) {
            require(
                    count.side() <= grid,
                    "mediators",
                    count,
                    "at most one mediator per token of the " + grid + "×" + grid + " grid");
        }
        if (mediatorBlocks != null) {
            mediatorBlocks = List.copyOf(mediatorBlocks);
            for (int block : mediatorBlocks) {
                require(block >= 0 && block < depth, "mediatorBlocks", block, "0 to " + (depth - 1));
            }
        }
    }

    /** Tokens per side, h = w. */
    public int grid() {
        return inputSize / patchSize;
    }

    /** Number of tokens N. */
    public int tokens() {
        return grid() * grid();
    }

    /** Hidden width of the MLP. */
    public int hiddenWidth() {
        return (int) (width * mlpRatio);
    }

    /** Output channels: 2·C with {@code learnSigma}, else C. */
    public int outChannels() {
        return learnSigma ? 2 * inChannels : inChannels;
    }

    /** Rows of the table of labels. */
    public long labelRows() {
        return lacksNullLabel ? numClasses : numClasses + 1L;
    }

    /** Label that stands for "no class", unless the network {@link #lacksNullLabel}. */
    public int nullLabel() {
        return numClasses;
    }

    /** True if one set of weights serves several mediator counts. */
    @JsonIgnore
    public boolean isElastic() {
        return mediators.size() > 1;
    }

    /** True if block {@code index} has mediator attention (possibly beside full attention). */
    public boolean hasMediators(int index) {
        boolean softmaxOnly = mediators.equals(List.of(MediatorCount.FULL));
        return !softmaxOnly && (mediatorBlocks == null || mediatorBlocks.contains(index));
    }

    /** How many blocks have mediator attention. */
    public int blocksWithMediators() {
        return (int) IntStream.range(0, depth).filter(this::hasMediators).count();
    }

    /** The largest number of mediators, or full attention if there is nothing else: what is used where none is named. */
    public MediatorCount largestMediators() {
        return mediators.stream()
                .max(Comparator.comparingInt(MediatorCount::tokens))
                .orElseThrow();
    }

    /** The same network with other choices of attention. */
    public SitConfig withMediators(List<MediatorCount> counts) {
        return with(inputSize, counts, mediatorBlocks);
    }

    /** The same network with mediators in these blocks, null for all. */
    public SitConfig withMediatorBlocks(@Nullable List<Integer> blocks) {
        return with(inputSize, mediators, blocks);
    }

    /** The same network for another input size. */
    public SitConfig withInputSize(int size) {
        return with(size, mediators, mediatorBlocks);
    }

    private SitConfig with(int size, List<MediatorCount> counts, @Nullable List<Integer> blocks) {
        return new SitConfig(
                size,
                patchSize,
                inChannels,
                width,
                depth,
                heads,
                mlpRatio,
                numClasses,
                learnSigma,
                counts,
                blocks,
                lacksNullLabel);
    }

    private static void require(boolean holds, String field, Object value, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException("model." + field + " is " + value + ", allowed is " + allowed);
        }
    }
}
