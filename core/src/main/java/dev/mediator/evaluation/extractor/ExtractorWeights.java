package dev.mediator.evaluation.extractor;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorDigest;
import dev.mediator.nn.ParameterSource;
import dev.mediator.nn.StoredParameters;
import dev.mediator.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
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
 * @param sourceSha256 SHA-256 of the published file that these tensors are from, in hexadecimal, as metadata {@value
 *     #SOURCE_SHA_256} tells; empty if unknown
 */
record ExtractorWeights(Path file, Map<String, Tensor> tensors, String sourceSha256) {
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
    static ExtractorWeights read(Path file) throws IOException {
        try (SafeTensors safeTensors = SafeTensors.open(file)) {
            return new ExtractorWeights(
                    file, safeTensors.all(), safeTensors.metadata().getOrDefault(SOURCE_SHA_256, ""));
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
        StoredParameters parameters = new StoredParameters(tensors, DType.F32);
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
