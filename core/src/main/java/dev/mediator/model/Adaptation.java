package dev.mediator.model;

import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Carries a network's weights over to one of another input size, with other mediators or other classes (arXiv 2408.05710,
 * low to high resolution; method section 5). The result is a start for training, not a finished network: what is copied
 * is copied bit for bit, and all else begins so that the network is disturbed as little as possible.
 *
 * <ul>
 *   <li>Another input size: {@code pos_embed} is computed anew; row and column biases are interpolated linearly along the
 *       grid with their ends kept; the 7×7 maps stay.
 *   <li>A mediator count that the network did not have: all its biases are taken from the nearest count, interpolated
 *       over the grid of mediators, or averaged where there are fewer.
 *   <li>Mediators in a block of softmax attention: qkv, proj and MLP stay, biases and depthwise convolution begin at zero.
 *       Where full attention is served too, it computes what it did before.
 *   <li>Softmax attention in a block of mediators: biases and convolution go.
 *   <li>Another number of classes: the first classes and the null label stay; new classes begin as copies of the null
 *       label, which is what the network knows of images of no certain class. If it has not learned that, they begin as the
 *       mean of the classes; so does the null label if there was none.
 * </ul>
 */
public final class Adaptation {
    private static final Pattern BIAS =
            Pattern.compile("(blocks\\.(\\d+)\\.attn\\.)(?:mediators\\.(\\d+)\\.)?((?:an|na|ah|aw|ha|wa)_bias)");
    private static final Pattern CONVOLUTION = Pattern.compile("blocks\\.(\\d+)\\.attn\\.dwc\\.(?:weight|bias)");
    private static final String LABELS = "y_embedder.embedding_table.weight";

    private final SitConfig from;
    private final SitConfig to;
    private final boolean keepsClasses;
    private final LabelTraining labels;

    /** Adapts a network of unknown training, see {@link #Adaptation(SitConfig, LabelTraining, SitConfig, boolean)}. */
    public Adaptation(SitConfig from, SitConfig to, boolean keepsClasses) {
        this(from, LabelTraining.of(from, null), to, keepsClasses);
    }

    /**
     * @param labels what the network {@code from} has learned of its labels
     * @param keepsClasses false if the classes mean something else now: all of them begin as no class
     * @throws IllegalArgumentException if the networks differ in what cannot be adapted
     */
    public Adaptation(SitConfig from, LabelTraining labels, SitConfig to, boolean keepsClasses) {
        this.from = from;
        this.labels = labels;
        this.to = to;
        this.keepsClasses = keepsClasses;
        requireSame("patchSize", from.patchSize(), to.patchSize());
        requireSame("inChannels", from.inChannels(), to.inChannels());
        requireSame("width", from.width(), to.width());
        requireSame("depth", from.depth(), to.depth());
        requireSame("heads", from.heads(), to.heads());
        requireSame("hidden width", from.hiddenWidth(), to.hiddenWidth());
        requireSame("learnSigma", from.learnSigma(), to.learnSigma());
    }

    private static void requireSame(String what, Object before, Object after) {
        if (!before.equals(after)) {
            throw new IllegalArgumentException("its " + what + " is " + before + ", wanted is " + after
                    + "; only input size, mediators and classes can be adapted");
        }
    }

    /** What becomes different, one line each; empty if nothing does. */
    public List<String> changes() {
        return new AdaptationReport(from, labels, to, keepsClasses).lines();
    }

    /**
     * Makes the adapted network.
     *
     * @param tensors of the network {@code from}, by name
     * @param dtype of the result
     * @return the network, over tensors of its own or those given
     * @throws IllegalArgumentException if a tensor is missing, has the wrong shape or belongs to no layer
     */
    public Sit apply(Map<String, Tensor> tensors, DType dtype) {
        Set<String> used = new TreeSet<>();
        Sit sit = new Sit(to, (name, init, shape) -> {
            used.add(name);
            Tensor tensor = Scope.keepResult(() -> adapted(tensors, name, shape));
            return Tensors.to(Shapes.require(tensor, "tensor '" + name + "' of the checkpoint", shape), dtype);
        });
        for (String name : tensors.keySet()) {
            if (!used.contains(name) && !isDropped(name)) {
                sit.close();
                throw new IllegalArgumentException("tensor '" + name + "' belongs to no layer of its network");
            }
        }
        return sit;
    }

    private Tensor adapted(Map<String, Tensor> tensors, String name, long... shape) {
        Matcher bias = BIAS.matcher(name);
        if (bias.matches()) {
            return bias(tensors, bias, shape);
        }
        Matcher convolution = CONVOLUTION.matcher(name);
        if (convolution.matches() && !from.hasMediators(block(convolution.group(1)))) {
            return Tensors.zeros(DType.F32, shape);
        }
        Tensor tensor = require(tensors, name, shape);
        return name.equals(LABELS) ? labelTable(tensor) : tensor.alias();
    }

    private Tensor bias(Map<String, Tensor> tensors, Matcher name, long... shape) {
        if (!from.hasMediators(block(name.group(2)))) {
            return Tensors.zeros(DType.F32, shape);
        }
        MediatorCount wanted = name.group(3) == null
                ? to.largestMediators() // the only one
                : MediatorCount.parse(name.group(3));
        MediatorCount nearest = nearest(from, wanted);
        String set = from.isElastic() ? "mediators." + nearest + "." : "";
        Axes axes = Axes.of(name.group(4));
        Tensor stored = require(tensors, name.group(1) + set + name.group(4), shape);
        if (nearest.equals(wanted) && (axes.grid < 0 || from.grid() == to.grid())) {
            return stored.alias();
        }
        Tensor values = Tensors.to(stored, DType.F32);
        Tensor counted =
                AxisResampling.ofCells(nearest.tokens(), wanted.tokens()).apply(values, axes.mediators);
        return axes.grid < 0
                ? counted.alias()
                : AxisResampling.ofPoints(from.grid(), to.grid())
                        .apply(counted, axes.grid)
                        .alias();
    }

    /** The count whose biases another one takes over: the nearest by ratio, the larger of two that are as near. */
    static MediatorCount nearest(SitConfig config, MediatorCount wanted) {
        return config.mediators().stream()
                .filter(count -> !count.isFull())
                .sorted(Comparator.reverseOrder())
                .min(Comparator.comparingDouble(count -> Math.abs(Math.log((double) count.tokens() / wanted.tokens()))))
                .orElseThrow();
    }

    /** [classes + 1, D], the null label last, if there is one. */
    private Tensor labelTable(Tensor table) {
        if (keepsClasses && from.numClasses() == to.numClasses() && from.labelRows() == to.labelRows()) {
            return table.alias();
        }
        int kept = keepsClasses ? Math.min(from.numClasses(), to.numClasses()) : 0;
        long mean = table.size(0); // stands behind the rows that there are
        long noClass = labels.knowsNoClass() ? from.nullLabel() : mean;
        long nullLabel = from.lacksNullLabel() ? mean : from.nullLabel();
        long[] rows = new long[Math.toIntExact(to.labelRows())];
        Arrays.setAll(rows, i -> i < kept ? i : i < to.numClasses() ? noClass : nullLabel);
        Tensor all = labels.knowsNoClass() ? table : Ops.cat(0, table, meanOfClasses(table));
        return all.index_select(0, Tensors.of(rows, rows.length));
    }

    private Tensor meanOfClasses(Tensor table) { // [rows, D] → [1, D]
        Tensor classes = Tensors.to(table.narrow(0, 0, from.numClasses()), DType.F32);
        return Tensors.to(classes.mean(new long[] {0}, true, new ScalarTypeOptional()), DType.of(table));
    }

    /** What the new network has no place for: biases of counts, and convolutions, that it does not have. */
    private boolean isDropped(String name) {
        Matcher bias = BIAS.matcher(name);
        Matcher convolution = CONVOLUTION.matcher(name);
        String block = bias.matches() ? bias.group(2) : convolution.matches() ? convolution.group(1) : null;
        return block != null && block(block) < from.depth() && from.hasMediators(block(block));
    }

    private static int block(String digits) {
        return digits.length() > 5 ? Integer.MAX_VALUE : Integer.parseInt(digits);
    }

    private static Tensor require(Map<String, Tensor> tensors, String name, long... shape) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(
                    "the checkpoint lacks tensor '" + name + "' of shape " + Arrays.toString(shape));
        }
        return tensor;
    }

    /** Which axis of a bias runs over the mediators, and which over the grid (−1 for the 7×7 maps, which have none). */
    private enum Axes {
        AN(1, -1), // [M, n, 7, 7]
        NA(1, -1), // [M, n, 7, 7]
        AH(2, 3), // [1, M, n, h, 1]
        AW(2, 4), // [1, M, n, 1, w]
        HA(4, 2), // [1, M, h, 1, n]
        WA(4, 3); // [1, M, 1, w, n]

        private final int mediators;
        private final int grid;

        Axes(int mediators, int grid) {
            this.mediators = mediators;
            this.grid = grid;
        }

        static Axes of(String bias) {
            return valueOf(bias.substring(0, 2).toUpperCase(Locale.ROOT));
        }
    }
}
