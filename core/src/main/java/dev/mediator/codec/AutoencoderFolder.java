package dev.mediator.codec;

import dev.mediator.checkpoint.FiniteNumbers;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.checkpoint.TensorDigest;
import dev.mediator.checkpoint.TensorFile;
import dev.mediator.file.FileNames;
import dev.mediator.file.JsonFile;
import dev.mediator.file.WholeFile;
import dev.mediator.nn.ParameterSource;
import dev.mediator.nn.StoredParameters;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * An autoencoder as diffusers stores it: a folder with {@code config.json} and {@code diffusion_pytorch_model.safetensors},
 * its index, or {@code diffusion_pytorch_model.bin}.
 *
 * @param path the folder
 */
public record AutoencoderFolder(Path path) {
    private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

    /** In order of preference. */
    private static final List<String> WEIGHT_FILES =
            List.of(WEIGHTS, WEIGHTS + ".index.json", "diffusion_pytorch_model.bin");

    private static final long MOST_CONFIG_BYTES = 1 << 20;

    /** Attention's tensors in files of before 2023, which diffusers renames when it reads them. */
    private static final Map<String, String> OLD_NAMES =
            Map.of("query.", "to_q.", "key.", "to_k.", "value.", "to_v.", "proj_attn.", "to_out.0.");

    private static final String ATTENTION = ".mid_block.attentions.0.";

    /**
     * A network and what identifies it.
     *
     * @param network for its holder to close
     * @param fingerprint SHA-256 of weights and of what else the function depends on, whatever format and type they were
     *     stored in
     * @param formerFingerprint what earlier versions took for that: without {@code norm_num_groups}
     */
    record Loaded(Autoencoder network, String fingerprint, String formerFingerprint) {}

    /** The configuration's file. */
    public Path configFile() {
        return path.resolve("config.json");
    }

    /** Where {@link #write} puts weights. */
    public Path weightsFile() {
        return path.resolve(WEIGHTS);
    }

    /**
     * Reads the configuration.
     *
     * @throws IOException if there is none, or none of an autoencoder that can be computed
     */
    public AutoencoderConfig config() throws IOException {
        FileNames.require(configFile());
        if (!Files.isRegularFile(configFile())) {
            throw new IOException(path + " is not the folder of an autoencoder: it has no config.json");
        }
        if (Files.size(configFile()) > MOST_CONFIG_BYTES) {
            throw new IOException(configFile() + " is larger than a configuration is");
        }
        try {
            return AutoencoderJson.parse(JsonFile.text(configFile()));
        } catch (IllegalArgumentException e) {
            throw new IOException(configFile() + " does not describe a usable autoencoder: " + e.getMessage(), e);
        }
    }

    /**
     * Loads the network.
     *
     * @param placement where and in what it computes
     * @throws IOException if a tensor is missing, has another shape than the configuration says, or belongs to no layer
     */
    Loaded load(Placement placement) throws IOException {
        AutoencoderConfig config = config();
        Path file = existingWeights();
        try (TensorFile tensors = TensorFile.open(file);
                Scope scope = Scope.open()) {
            Map<String, Tensor> renamed = new LinkedHashMap<>();
            tensors.verified()
                    .all()
                    .forEach((name, tensor) -> renamed.put(newName(name), FiniteNumbers.require(name, tensor)));
            StoredParameters stored = new StoredParameters(renamed, placement);
            Autoencoder network = new Autoencoder(config, channelsLast(stored));
            if (!stored.unused().isEmpty()) {
                network.close();
                throw new IOException(
                        file + ": tensor '" + stored.unused().get(0) + "' belongs to no layer of its network");
            }
            Map<String, Tensor> identifying = new LinkedHashMap<>(renamed);
            identifying.put("scaling_factor", Tensors.full(config.scalingFactor(), 1));
            String former = TensorDigest.sha256(identifying);
            return new Loaded(network, fingerprint(config, identifying, former), former);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private Path existingWeights() throws IOException {
        for (String name : WEIGHT_FILES) {
            if (Files.isRegularFile(path.resolve(name))) {
                return path.resolve(name);
            }
        }
        throw new IOException(path + " has none of the files " + String.join(", ", WEIGHT_FILES));
    }

    private static String newName(String name) {
        int at = name.indexOf(ATTENTION);
        if (at >= 0) {
            String rest = name.substring(at + ATTENTION.length());
            for (Map.Entry<String, String> old : OLD_NAMES.entrySet()) {
                if (rest.startsWith(old.getKey())) {
                    return name.substring(0, at)
                            + ATTENTION
                            + old.getValue()
                            + rest.substring(old.getKey().length());
                }
            }
        }
        return name;
    }

    /** Kernels in the memory order of the maps. */
    private static ParameterSource channelsLast(ParameterSource source) {
        return (name, init, shape) -> {
            Tensor tensor = source.get(name, init, shape);
            return shape.length == 4 ? tensor.contiguous(torch.MemoryFormat.ChannelsLast) : tensor;
        };
    }

    /**
     * Shapes of tensors tell all else of the configuration. The number of groups that the published autoencoders have adds
     * nothing, so their fingerprints are those of earlier versions.
     */
    private static String fingerprint(AutoencoderConfig config, Map<String, Tensor> identifying, String former) {
        if (config.normNumGroups() == AutoencoderConfig.STABLE_DIFFUSION.normNumGroups()) {
            return former;
        }
        Map<String, Tensor> all = new LinkedHashMap<>(identifying);
        all.put("norm_num_groups", Tensors.full(config.normNumGroups(), 1));
        return TensorDigest.sha256(all);
    }

    /**
     * Writes an autoencoder, for this program and for diffusers.
     *
     * @param parameters name → tensor
     * @param metadata of the weights' file, such as provenance
     */
    public void write(AutoencoderConfig config, Map<String, Tensor> parameters, Map<String, String> metadata)
            throws IOException {
        WholeFile.makeFolder(path);
        SafeTensorsWriter.write(weightsFile(), parameters, metadata);
        WholeFile.write(configFile(), AutoencoderJson.format(config));
    }
}
