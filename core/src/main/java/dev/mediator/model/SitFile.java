package dev.mediator.model;

import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.checkpoint.TensorFile;
import dev.mediator.checkpoint.Weights;
import dev.mediator.nn.PositionEmbedding;
import dev.mediator.nn.StoredParameters;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An open file with a network's weights, whoever wrote it: this program, the trainings of SiT and DiT and their
 * descendants, or anyone who saved such a {@code state_dict}, plain or wrapped ({@code module.}, {@code _orig_mod.},
 * {@code model.}), in any of the formats of {@link TensorFile}.
 *
 * <p>Our files say which network they hold. Of others the configuration is told from the tensors, and path and
 * prediction from the arguments that SiT's training stores.
 *
 * <p>Any thread may use it. After it is closed, loading is refused with an {@link IllegalStateException} that names the file.
 */
public final class SitFile implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String POSITIONS = "pos_embed";

    /** Far above what rounding to bf16 and averaging do to values of −1 to 1, far below what other tables differ. */
    private static final double POSITION_TOLERANCE = 0.02;

    private final TensorFile file;
    private final Weights weights;
    private final TensorFile network;
    private final SitCheckpoint description;

    private SitFile(TensorFile file, Weights weights, TensorFile network, SitHints hints) throws IOException {
        this.file = file;
        this.weights = weights;
        this.network = network;
        if (SitCheckpoint.isDescribed(file)) {
            description = SitCheckpoint.describe(file);
            hints.requireAgreement(file.file(), description.config());
        } else {
            TrainingArguments arguments = TrainingArguments.of(file.metadata());
            description = new SitCheckpoint(
                    SitInference.of(network, hints, arguments),
                    List.of(),
                    transportOf(file.metadata()),
                    JSON.createObjectNode(),
                    arguments.labelDropout(),
                    provenanceOf(file, weights));
        }
    }

    /** {@link #open(Path, Weights, SitHints)} without hints. */
    public static SitFile open(Path path, Weights weights) throws IOException {
        return open(path, weights, SitHints.NONE);
    }

    /**
     * Opens a file; tensors are read when they are used.
     *
     * @param weights which weights of a training's checkpoint
     * @param hints what the file may leave open
     * @throws IOException if the file is unusable, holds no such network, or leaves something open
     */
    public static SitFile open(Path path, Weights weights, SitHints hints) throws IOException {
        TensorFile file = TensorFile.open(path);
        try {
            return new SitFile(file, weights, WeightSets.choose(file, weights), hints);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** The description of a file's network, whichever weights it has. */
    public static SitCheckpoint describe(Path path) throws IOException {
        try (TensorFile file = TensorFile.open(path)) {
            return new SitFile(file, Weights.EMA, WeightSets.any(file), SitHints.NONE).description();
        }
    }

    /** The description of a file's network, of the weights at the place that the user names; if none is named, of any. */
    public static SitCheckpoint describe(Path path, Weights weights) throws IOException {
        if (!weights.hasPlace()) {
            return describe(path);
        }
        try (SitFile file = open(path, weights)) {
            return file.description();
        }
    }

    /** The file this was opened from. */
    public Path file() {
        return file.file();
    }

    /** What the file holds, said by it or told from its tensors. */
    public SitCheckpoint description() {
        return description;
    }

    /** The element type that holds all of the network's tensors: theirs, if they have the same. */
    public DType dtype() {
        List<DType> types = network.entries().stream()
                .map(TensorEntry::dtype)
                .filter(DType::isFloatingPoint)
                .distinct()
                .toList();
        return types.size() == 1 ? types.get(0) : types.contains(DType.F64) ? DType.F64 : DType.F32;
    }

    /**
     * The network's tensors by their published names, as the file has them, without {@code pos_embed}. They belong to the
     * innermost scope.
     */
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (TensorEntry entry : network.entries()) {
            if (!entry.name().equals(POSITIONS)) {
                tensors.put(entry.name(), Scope.keepResult(() -> network.get(entry.name())
                        .contiguous()));
            }
        }
        return tensors;
    }

    /**
     * Builds the network on the host. Weights that are in the file as they are wanted stay there: they are mapped, not copied.
     *
     * @param dtype what it computes in
     * @throws IOException if a tensor is missing, has another shape than the configuration says, or belongs to no layer
     */
    public Sit load(DType dtype) throws IOException {
        return build(() -> {
            StoredParameters stored = new StoredParameters(tensors(), dtype);
            return requireAllUsed(new Sit(description.config(), stored), stored.unused());
        });
    }

    /**
     * Builds the network for inference only, which is faster, see {@link Sit#fixed}. Weights are copied out of the file.
     *
     * @param placement where and in what it computes
     * @throws IOException as {@link #load} does, and if a weight is not finite
     */
    public Sit loadFixed(Placement placement) throws IOException {
        try (CopiedParameters copied =
                new CopiedParameters(() -> WeightSets.choose(TensorFile.open(file()), weights), placement)) {
            return build(() -> requireAllUsed(Sit.fixed(description.config(), copied), unused(copied)));
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private List<String> unused(CopiedParameters copied) {
        return network.entries().stream()
                .map(TensorEntry::name)
                .filter(name -> !name.equals(POSITIONS) && !copied.hasUsed(name))
                .toList();
    }

    private static Sit requireAllUsed(Sit sit, List<String> unused) {
        if (!unused.isEmpty()) {
            sit.close();
            throw new IllegalArgumentException("tensor '" + unused.get(0) + "' belongs to no layer of its network");
        }
        return sit;
    }

    /**
     * Builds another network from this one's weights.
     *
     * @param adaptation from {@link #description}'s configuration
     * @param dtype of the result
     * @throws IOException as {@link #load} does
     */
    public Sit adapt(Adaptation adaptation, DType dtype) throws IOException {
        return build(() -> adaptation.apply(tensors(), dtype));
    }

    private Sit build(Supplier<Sit> network) throws IOException {
        file.verified();
        try (Scope scope = Scope.open()) {
            requireFixedPositions();
            return network.get();
        } catch (IllegalArgumentException e) {
            throw new IOException(file() + ": " + e.getMessage(), e);
        }
    }

    /** The table is computed, not read; a network that was trained with another one would not notice. */
    private void requireFixedPositions() {
        if (network.contains(POSITIONS)) {
            SitConfig config = description.config();
            int grid = config.grid();
            Tensor stored = network.get(POSITIONS);
            Shapes.require(
                    stored, "tensor '" + POSITIONS + "' of the checkpoint", 1, (long) grid * grid, config.width());
            Tensor difference = Tensors.to(stored, DType.F32).sub(PositionEmbedding.table(config.width(), grid));
            if (!(Tensors.maxAbs(difference) < POSITION_TOLERANCE)) {
                throw new IllegalArgumentException("its pos_embed is not the table of sines and cosines of a " + grid
                        + "×" + grid + " grid; networks with other positions are not supported");
            }
        }
    }

    /**
     * The weights of a file that one asks for, under the names of the network; in a file of something else what {@link
     * TensorFile#weights} gives.
     *
     * @return a part of the file; closing it closes the file
     * @throws IOException if the file has other weights only, or several that could be meant
     */
    public static TensorFile weightsOf(TensorFile file, Weights weights) throws IOException {
        return weights.hasPlace() || WeightSets.isIn(file) ? WeightSets.choose(file, weights) : file.weights(weights);
    }

    /** Path and prediction from the arguments of SiT's training; empty if they are not there. */
    private static JsonNode transportOf(Map<String, String> metadata) {
        ObjectNode transport = JSON.createObjectNode();
        String path = metadata.get("args.path_type");
        String prediction = metadata.get("args.prediction");
        if (path != null && prediction != null) {
            transport.put("path", path.toLowerCase(Locale.ROOT));
            transport.put("prediction", prediction.toLowerCase(Locale.ROOT));
            transport.put(
                    "weighting",
                    metadata.getOrDefault("args.loss_weight", "None").toLowerCase(Locale.ROOT));
        }
        return transport;
    }

    private static ObjectNode provenanceOf(TensorFile file, Weights weights) {
        ObjectNode provenance = JSON.createObjectNode();
        provenance.put("file", file.file().getFileName().toString());
        provenance.put("format", file.format().toString());
        provenance.put("weights", weights.group());
        return provenance;
    }

    @Override
    public void close() {
        file.close();
    }
}
