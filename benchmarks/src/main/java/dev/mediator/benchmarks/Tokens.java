package dev.mediator.benchmarks;

import dev.mediator.tensor.DType;
import org.bytedeco.pytorch.Tensor;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What layers work on, and what keeps their weights. */
@State(Scope.Thread)
public class Tokens {
    private static final int HEAD = 64;

    /** B. */
    @Param("4")
    int batch;

    /** N, a square number: 256 is what images of 256 pixels have in latents and patches of 2, 1024 those of 512. */
    @Param({"256", "1024"})
    int tokens;

    /** D: that of SiT-S and of SiT-XL. */
    @Param({"384", "1152"})
    int width;

    /** What the layer computes in. */
    @Param({"fp32", "bf16"})
    String dtype;

    KeptTensors kept;
    Tensor x; // [B, N, D]

    /** Makes the tokens. */
    @Setup
    public void make() {
        kept = new KeptTensors(DType.parse(dtype));
        x = kept.normal(batch, tokens, width);
    }

    /** Frees them, and the weights of the layer. */
    @TearDown
    public void free() {
        kept.close();
    }

    /** Attention heads, of width 64. */
    int heads() {
        return width / HEAD;
    }

    /** Tokens per side of their square map. */
    int grid() {
        return (int) Math.round(Math.sqrt(tokens));
    }
}
