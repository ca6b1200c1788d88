package dev.mediator.evaluation.extractor;

import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.checkpoint.TensorDigest;
import dev.mediator.checkpoint.TensorFile;
import dev.mediator.checkpoint.TensorFormat;
import dev.mediator.checkpoint.Weights;
import dev.mediator.nn.ParameterSource;
import dev.mediator.nn.StoredParameters;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * The tensors of a weights file.
 *
 * @param file where they come from
 * @param tensors by name
 * @param sourceSha256 SHA-256 of the published file that these tensors are from, in hexadecimal: of a PyTorch file its own,
 *     of a converted one as metadata {@value #SOURCE_SHA_256} tells; empty if unknown
 * @param device where the network of them computes
 */
record ExtractorWeights(Path file, Map<String, Tensor> tensors, String sourceSha256, ComputeDevice device) {
    /** Metadata of a converted file: SHA-256 of the file it was converted from. */
    static final String SOURCE_SHA_256 = "sourceSha256";

    /** PyTorch counts the training batches of each normalisation; no network computes with that. */
    private static final String BATCH_COUNTER = ".num_batches_tracked";

    ExtractorWeights {
        Map<String, Tensor> kept = new LinkedHashMap<>(tensors);
        kept.keySet().removeIf(name -> name.endsWith(BATCH_COUNTER));
        tensors = kept;
    }

    /**
     * Reads a file; its tensors belong to the caller's scope.
     *
     * @throws IOException if it cannot be read
     */
    static ExtractorWeights read(Path file, ComputeDevice device) throws IOException {
        try (TensorFile opened = TensorFile.open(file)) {
            boolean published =
                    opened.format() == TensorFormat.TORCH_ZIP || opened.format() == TensorFormat.TORCH_LEGACY;
            TensorFile weights = opened.weights(Weights.MODEL);
            opened.verified();
            return new ExtractorWeights(
                    file,
                    weights.all(),
                    published ? fileSha256(file) : opened.metadata().getOrDefault(SOURCE_SHA_256, ""),
                    device);
        }
    }

    /** Writes them in fp32, with where they come from. */
    void write(Path out, String extractor) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("extractor", extractor);
        metadata.put("source", String.valueOf(file.getFileName()));
        if (!sourceSha256.isEmpty()) {
            metadata.put(SOURCE_SHA_256, sourceSha256);
        }
        Map<String, Tensor> stored = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> stored.put(name, Tensors.to(tensor, DType.F32)));
        SafeTensorsWriter.write(out, stored, metadata);
    }

    private static String fileSha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 20];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** SHA-256 of what is computed with, whatever the format of the file. */
    String sha256() {
        return TensorDigest.sha256(tensors);
    }

    /**
     * Makes a network of the tensors, in fp32.
     *
     * @throws IOException if one is missing, has another shape or belongs to no layer; the message names file and tensor
     */
    <N> N network(Function<ParameterSource, N> constructor) throws IOException {
        StoredParameters parameters = new StoredParameters(tensors, new Placement(device, DType.F32));
        N network;
        try {
            network = constructor.apply(parameters);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        List<String> unused = parameters.unused();
        if (!unused.isEmpty()) {
            throw new IOException(file + ": tensor '" + unused.get(0) + "' belongs to no layer of its network");
        }
        return network;
    }
}
