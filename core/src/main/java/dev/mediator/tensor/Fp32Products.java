package dev.mediator.tensor;

import java.util.Locale;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;

/** How a card multiplies fp32 matrices. A setting of the whole process, and of no effect on the host. */
public enum Fp32Products {
    /** As the host does: what golden numbers are compared in. */
    IEEE,
    /** Factors rounded to 10 bits of mantissa, sums in fp32: many times faster, with errors around 10⁻³. */
    TF32;

    /** Makes it so for all products and convolutions from now on; libtorch starts with a mix of both. */
    public void use() {
        Context context = torch.globalContext();
        context.setAllowTF32CuBLAS(this == TF32);
        context.setAllowTF32CuDNN(this == TF32);
    }

    /** Reads {@code ieee} and {@code tf32}, in any case. */
    public static Fp32Products parse(String text) {
        String word = text.strip().toLowerCase(Locale.ROOT);
        for (Fp32Products products : values()) {
            if (products.toString().equals(word)) {
                return products;
            }
        }
        throw new IllegalArgumentException("the way to multiply is '" + text + "', allowed are ieee and tf32");
    }

    /** What {@link #parse} reads. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
