package dev.mediator.model;

import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.checkpoint.TensorFile;
import dev.mediator.checkpoint.TorchWriter;
import dev.mediator.checkpoint.Weights;
import dev.mediator.file.JsonFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A network in a file: tensors by their published names, and beside them the configuration, class names and provenance: in
 * the metadata of a safetensors file, or where {@link TorchWriter} puts them. A file may hold several sets of weights under prefixes ({@code ema.}, {@code model.}), as a training's
 * checkpoints do.
 *
 * @param config the network's shape
 * @param classNames names of the labels 0, 1, …
 * @param transport path and prediction that the network was trained for, as JSON; empty if the file does not say. For those
 *     who sample: the network itself does not use it
 * @param codec the autoencoder whose latents the network works on, as JSON; empty if it works on pixels or the file does not
 *     say. For those who sample
 * @param labelDropout share of samples that its last training showed without their class; null if the file does not say
 * @param provenance how the weights came about, as JSON
 */
public record SitCheckpoint(
        SitConfig config,
        List<String> classNames,
        JsonNode transport,
        JsonNode codec,
        @Nullable Double labelDropout,
        JsonNode provenance) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();
    private static final String CONFIG = "config";
    private static final String LACKS_NULL_LABEL = "lacksNullLabel";
    private static final String CLASS_NAMES = "classNames";
    private static final String TRANSPORT = "transport";
    private static final String CODEC = "codec";
    private static final String LABEL_DROPOUT = "labelDropout";
    private static final String PROVENANCE = "provenance";

    public SitCheckpoint {
        classNames = List.copyOf(classNames);
    }

    /** A network that works on pixels, of unknown training. */
    public SitCheckpoint(SitConfig config, List<String> classNames, JsonNode transport, JsonNode provenance) {
        this(config, classNames, transport, JSON.createObjectNode(), null, provenance);
    }

    /** What the network has learned of its labels, as far as is known. */
    public LabelTraining labels() {
        return LabelTraining.of(config, labelDropout);
    }

    /** The description of a network that was made from this one. */
    public SitCheckpoint derived(SitConfig other, List<String> names, JsonNode itsProvenance) {
        return new SitCheckpoint(other, names, transport, codec, labelDropout, itsProvenance);
    }

    /**
     * Reads what a file says of its network.
     *
     * @throws IOException if the file has no configuration of a network, or a bad one
     */
    public static SitCheckpoint describe(TensorFile file) throws IOException {
        String config = file.description().get(CONFIG);
        if (config == null) {
            throw new IOException(
                    file.file() + " holds tensors, but no 'config' in its metadata that says of which network");
        }
        try {
            JsonNode tree = JSON.readTree(config);
            if (!tree.isObject()) {
                throw notOfANetwork(file, "it is not a JSON object");
            }
            if (!tree.has(LACKS_NULL_LABEL)) { // stands in the files of the few that do
                ((ObjectNode) tree).put(LACKS_NULL_LABEL, false);
            }
            JsonNode provenance = tree(file, PROVENANCE, "{}");
            return new SitCheckpoint(
                    JSON.treeToValue(tree, SitConfig.class),
                    classNames(file),
                    tree(file, TRANSPORT, "{}"),
                    tree(file, CODEC, "{}"),
                    labelDropout(file, provenance),
                    provenance);
        } catch (JacksonException e) {
            throw notOfANetwork(file, JsonFile.reason(e));
        }
    }

    /** Files of earlier versions have it in the configuration of their training alone, adapted ones in that of their source. */
    private static @Nullable Double labelDropout(TensorFile file, JsonNode provenance) throws IOException {
        JsonNode stored = tree(file, LABEL_DROPOUT, "null");
        for (JsonNode made = provenance; !stored.isNumber() && made.isObject(); made = made.path("from")) {
            stored = made.path("training").path(LABEL_DROPOUT);
        }
        return stored.isNumber() ? stored.doubleValue() : null;
    }

    private static List<String> classNames(TensorFile file) throws IOException {
        JsonNode names = tree(file, CLASS_NAMES, "[]");
        if (!names.isArray() || !names.valueStream().allMatch(JsonNode::isString)) {
            throw new IOException(file.file() + ": its '" + CLASS_NAMES + "' is not a list of strings");
        }
        return names.valueStream().map(JsonNode::stringValue).toList();
    }

    private static JsonNode tree(TensorFile file, String key, String otherwise) throws IOException {
        return JsonFile.tree(file.description().getOrDefault(key, otherwise), file.file() + ": its '" + key + "'");
    }

    private static IOException notOfANetwork(TensorFile file, String reason) {
        return new IOException(file.file() + ": its 'config' is not one of a network: " + reason);
    }

    /** True if a file says of which network it is, as ours do. */
    static boolean isDescribed(TensorFile file) {
        return file.description().containsKey(CONFIG);
    }

    /**
     * Loads a network from a file of any format and origin onto the host, see {@link SitFile}.
     *
     * @param dtype what it computes in
     * @throws IOException if a tensor is missing, has another shape than the configuration says, or belongs to no layer
     */
    public static Sit load(Path path, Weights weights, DType dtype) throws IOException {
        try (SitFile file = SitFile.open(path, weights)) {
            return file.load(dtype);
        }
    }

    /**
     * Loads a network for inference only, which is faster, see {@link Sit#fixed}.
     *
     * @param placement where and in what it computes
     * @throws IOException as {@link #load} does
     */
    public static Sit loadFixed(Path path, Weights weights, Placement placement) throws IOException {
        try (SitFile file = SitFile.open(path, weights)) {
            return file.loadFixed(placement);
        }
    }

    /**
     * Writes a network's tensors with this description.
     *
     * @param parameters name → tensor
     * @param dtype element type in the file
     */
    public void save(Path path, Map<String, Tensor> parameters, Tensor positions, DType dtype) throws IOException {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("pos_embed", Tensors.to(positions, dtype));
            parameters.forEach((name, tensor) -> tensors.put(name, Tensors.to(tensor.detach(), dtype)));
            SafeTensorsWriter.write(path, tensors, metadata());
        }
    }

    /** Writes a network with this description for PyTorch. */
    void saveForTorch(Path path, Sit sit) throws IOException {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = stateDict(sit);
            tensors.replaceAll((name, tensor) -> Tensors.to(tensor.detach(), sit.dtype()));
            TorchWriter.write(path, tensors, metadata());
        }
    }

    /** A network's tensors as PyTorch's {@code state_dict()} has them, {@code pos_embed} first. */
    static Map<String, Tensor> stateDict(Sit sit) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("pos_embed", sit.positions());
        tensors.putAll(sit.parameters());
        return tensors;
    }

    /** The strings that describe the network in a file. */
    public Map<String, String> metadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(CONFIG, JSON.writeValueAsString(config));
        metadata.put(CLASS_NAMES, JSON.writeValueAsString(classNames));
        metadata.put(TRANSPORT, JSON.writeValueAsString(transport));
        if (!codec.isEmpty()) {
            metadata.put(CODEC, JSON.writeValueAsString(codec));
        }
        if (labelDropout != null) {
            metadata.put(LABEL_DROPOUT, JSON.writeValueAsString(labelDropout));
        }
        metadata.put(PROVENANCE, JSON.writeValueAsString(provenance));
        return metadata;
    }
}
