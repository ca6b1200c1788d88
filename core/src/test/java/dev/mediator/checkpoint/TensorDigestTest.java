package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TensorDigestTest {
    private Scope scope;

    @BeforeEach
    void openScope() {
        Engine.start();
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void isSha256OfNamesSizesAndValues() throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put("a[1]".getBytes(StandardCharsets.UTF_8)).putFloat(0.5f);
        bytes.put("b[2, 1]".getBytes(StandardCharsets.UTF_8)).putFloat(1).putFloat(-2);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update(bytes.flip());

        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("b", Tensors.of(new float[] {1, -2}, 2, 1));
        tensors.put("a", Tensors.of(new float[] {0.5f}, 1));

        assertThat(TensorDigest.sha256(tensors)).isEqualTo(HexFormat.of().formatHex(sha256.digest()));
    }

    @Test
    void dependsOnValuesAndSizesButNotOnTheElementType() {
        Tensor x = Tensors.of(new float[] {1, -2}, 2, 1);
        String digest = TensorDigest.sha256(Map.of("x", x));

        assertThat(TensorDigest.sha256(Map.of("x", Tensors.to(x, DType.F16)))).isEqualTo(digest);
        assertThat(TensorDigest.sha256(Map.of("x", x.view(1, 2)))).isNotEqualTo(digest);
        assertThat(TensorDigest.sha256(Map.of("y", x))).isNotEqualTo(digest);
        assertThat(TensorDigest.sha256(Map.of("x", x.neg()))).isNotEqualTo(digest);
    }
}
