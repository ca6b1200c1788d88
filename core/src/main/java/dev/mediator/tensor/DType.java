package dev.mediator.tensor;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types, with their safetensors names and libtorch's counterparts. */
public enum DType {
    F64(8, ScalarType.Double),
    F32(4, ScalarType.Float),
    F16(2, ScalarType.Half),
    BF16(2, ScalarType.BFloat16),
    I64(8, ScalarType.Long),
    I32(4, ScalarType.Int),
    I16(2, ScalarType.Short),
    I8(1, ScalarType.Char),
    U8(1, ScalarType.Byte),
    BOOL(1, ScalarType.Bool);

    private final int bytes;
    private final ScalarType scalarType;

    DType(int bytes, ScalarType scalarType) {
        this.bytes = bytes;
        this.scalarType = scalarType;
    }

    /** Bytes per element. */
    public int bytes() {
        return bytes;
    }

    /** libtorch's name of this type. */
    public ScalarType scalarType() {
        return scalarType;
    }

    /** True for the types that weights and activations may have. */
    public boolean isFloatingPoint() {
        return this == F64 || this == F32 || this == F16 || this == BF16;
    }

    /** Type of a tensor's elements. */
    public static DType of(Tensor tensor) {
        ScalarType type = tensor.scalar_type().intern();
        for (DType d : values()) {
            if (d.scalarType == type) {
                return d;
            }
        }
        throw new IllegalArgumentException("element type " + type + " is not supported");
    }

    /** Reads {@code fp32}, {@code bf16}, {@code F32} and the like, in any case. */
    @JsonCreator
    public static DType parse(String text) {
        String name = text.strip().toUpperCase(Locale.ROOT).replaceFirst("^FP", "F");
        for (DType d : values()) {
            if (d.name().equals(name)) {
                return d;
            }
        }
        throw new IllegalArgumentException("dtype is '" + text + "', allowed are fp32, bf16, fp16 and fp64");
    }
}
