package dev.mediator.checkpoint;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/** Identifies a set of tensors by what it holds, whatever file format and order it was stored in. */
public final class TensorDigest {
    private TensorDigest() {}

    /**
     * SHA-256 in hexadecimal over the tensors in the order of their names: of each the name in UTF-8, its sizes as {@code
     * [2, 3]}, and its values as little-endian fp32 in row-major order.
     */
    public static String sha256(Map<String, Tensor> tensors) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Map.Entry<String, Tensor> e : new TreeMap<>(tensors).entrySet()) {
                try (Scope scope = Scope.open()) {
                    String head = e.getKey() + Arrays.toString(Shapes.of(e.getValue()));
                    digest.update(head.getBytes(StandardCharsets.UTF_8));
                    TensorBytes.forEachChunk(Tensors.to(e.getValue(), DType.F32), digest::update);
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
