package dev.mediator.model;

import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.checkpoint.TensorFile;
import dev.mediator.nn.MediatorCount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a network, told from the names and shapes of its tensors. Almost all of it can be: patch
 * embedding, label table, MLP and final layer tell their sizes, {@code pos_embed} the grid, position biases the heads and
 * the mediator counts of each block. Without position biases nothing tells the number of heads; the published presets
 * are recognised by their depth and width, for any other network the user must say.
 */
final class SitInference {
    private static final int IMAGENET_CLASSES = 1000;
    private static final Pattern BLOCK = Pattern.compile("blocks\\.(\\d{1,5})\\..+");
    private static final Pattern MEDIATORS =
            Pattern.compile("blocks\\.(\\d{1,5})\\.attn\\.(mediators\\.\\d{1,5}\\.)?an_bias");

    private final TensorFile file;
    private final Map<String, TensorEntry> entries = new LinkedHashMap<>();
    private final SitHints hints;
    private final TrainingArguments arguments;
    private final TreeMap<Integer, TreeSet<MediatorCount>> mediatorsOfBlock = new TreeMap<>();
    private boolean isElastic;
    private @Nullable TensorEntry bias; // an_bias of any block and count, [M, n, 7, 7]

    private SitInference(TensorFile file, SitHints hints, TrainingArguments arguments) {
        this.file = file;
        this.hints = hints;
        this.arguments = arguments;
        file.entries().forEach(entry -> entries.put(entry.name(), entry));
    }

    /**
     * @param file the tensors of the network, without prefixes
     * @param arguments of its training, as far as the file has them
     * @throws IOException if they are of no such network, or leave something open that the hints do not tell
     */
    static SitConfig of(TensorFile file, SitHints hints, TrainingArguments arguments) throws IOException {
        try {
            SitConfig config = new SitInference(file, hints, arguments).config();
            hints.requireAgreement(file.file(), config);
            return config;
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IOException(file.file() + ": its tensors are of no network that is known: " + e.getMessage(), e);
        }
    }

    private SitConfig config() throws IOException {
        int[] patches = shape("x_embedder.proj.weight", 4); // [D, C, p, p]
        int width = patches[0];
        int patch = patches[2];
        int depth = 1
                + entries.keySet().stream()
                        .map(BLOCK::matcher)
                        .filter(Matcher::matches)
                        .mapToInt(m -> Integer.parseInt(m.group(1)))
                        .max()
                        .orElseThrow(() -> unknown("it has no tensor 'blocks.0.…'"));
        collectMediators();
        int hidden = shape("blocks.0.mlp.fc1.weight", 2)[0]; // [4·D, D]
        int labels = shape("y_embedder.embedding_table.weight", 2)[0]; // [classes + 1, D], or [classes, D]
        boolean lacksNullLabel = lacksNullLabel(labels);
        return new SitConfig(
                Math.multiplyExact(grid(patch), patch),
                patch,
                patches[1],
                width,
                depth,
                heads(width, depth),
                ratio(hidden, width),
                lacksNullLabel ? labels : labels - 1,
                learnSigma(patch, patches[1]),
                mediators(),
                mediatorBlocks(depth),
                lacksNullLabel);
    }

    /** Trainings of SiT and its descendants that drop no labels make no row for "none". */
    private boolean lacksNullLabel(int rows) {
        if (hints.classes() != null) {
            return isWithoutNull(rows, hints.classes())
                    .orElseThrow(
                            () -> unknown("its table of labels has " + rows + " rows, which is not one for each of "
                                    + hints.classes() + " classes, with or without one for none"));
        }
        return Optional.ofNullable(arguments.classes())
                .flatMap(classes -> isWithoutNull(rows, classes))
                .or(() -> Optional.ofNullable(arguments.labelDropout()).map(dropout -> dropout == 0))
                .orElse(rows == 1 || rows == IMAGENET_CLASSES);
    }

    private static Optional<Boolean> isWithoutNull(int rows, int classes) {
        return rows == classes || rows == classes + 1L ? Optional.of(rows == classes) : Optional.empty();
    }

    private void collectMediators() {
        for (TensorEntry entry : entries.values()) {
            Matcher name = MEDIATORS.matcher(entry.name());
            if (name.matches()) {
                bias = entry;
                isElastic |= name.group(2) != null;
                mediatorsOfBlock
                        .computeIfAbsent(Integer.parseInt(name.group(1)), block -> new TreeSet<>())
                        .add(new MediatorCount(shape(entry.name(), 4)[1]));
            }
        }
        if (mediatorsOfBlock.values().stream().distinct().count() > 1) {
            throw unknown("its blocks have different mediator counts, " + mediatorsOfBlock);
        }
    }

    private List<MediatorCount> mediators() {
        if (mediatorsOfBlock.isEmpty()) {
            return List.of(MediatorCount.FULL);
        }
        List<MediatorCount> counts =
                new ArrayList<>(mediatorsOfBlock.firstEntry().getValue());
        // One count alone would have no name of its own, so there is another choice beside it.
        if (isElastic && (hints.servesFull() || counts.size() == 1)) {
            counts.add(MediatorCount.FULL);
        }
        return counts;
    }

    private @Nullable List<Integer> mediatorBlocks(int depth) {
        boolean isAll = mediatorsOfBlock.isEmpty() || mediatorsOfBlock.size() == depth;
        return isAll ? null : List.copyOf(mediatorsOfBlock.keySet());
    }

    private int grid(int patch) throws IOException {
        if (entries.containsKey("pos_embed")) {
            int tokens = shape("pos_embed", 3)[1]; // [1, N, D]
            int side = (int) Math.round(Math.sqrt(tokens));
            if (side * side != tokens) {
                throw unknown("its pos_embed has " + tokens + " tokens, which make no square");
            }
            return side;
        }
        if (bias != null) {
            return shape(bias.name().replace("an_bias", "ah_bias"), 5)[3]; // [1, M, n, h, 1]
        }
        if (hints.inputSize() == null) {
            throw new IOException(
                    file.file() + " has no pos_embed that tells for which size its network is: say it with"
                            + " convert --input-size, in pixels or latents");
        }
        return hints.inputSize() / patch;
    }

    private int heads(int width, int depth) throws IOException {
        if (bias != null) {
            return shape(bias.name(), 4)[0];
        }
        OptionalInt published = SitPreset.heads(depth, width);
        if (published.isPresent()) {
            return published.getAsInt();
        }
        if (hints.heads() == null) {
            throw new IOException(file.file() + ": " + depth + " blocks of width " + width + " are of no preset, and"
                    + " nothing in its tensors tells the number of attention heads: say it with convert --heads");
        }
        return hints.heads();
    }

    private boolean learnSigma(int patch, int channels) {
        int rows = shape("final_layer.linear.weight", 2)[0]; // [p·p·C_out, D]
        int once = Math.multiplyExact(patch * patch, channels);
        if (rows != once && rows != 2 * once) {
            throw unknown("its final layer has " + rows + " outputs, for " + channels + " channels there are " + once
                    + ", or " + 2 * once + " with learned sigma");
        }
        return rows == 2 * once;
    }

    /** A ratio that gives back the hidden width, which the configuration has as an integer part. */
    private static double ratio(int hidden, int width) {
        double ratio = (double) hidden / width;
        return (int) (width * ratio) == hidden ? ratio : Math.nextUp(ratio);
    }

    private int[] shape(String name, int axes) {
        TensorEntry entry = entries.get(name);
        if (entry == null) {
            throw unknown("it has no tensor '" + name + "'");
        }
        if (entry.shape().size() != axes || entry.numel() == 0) {
            throw unknown("tensor '" + name + "' has shape " + entry.shape() + ", expected are " + axes + " axes");
        }
        return entry.shape().stream().mapToInt(Math::toIntExact).toArray();
    }

    private static IllegalArgumentException unknown(String reason) {
        return new IllegalArgumentException(reason);
    }
}
