package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.PickleGlobal;
import dev.mediator.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A {@code torch.dtype} as a value, such as in a checkpoint's settings. Those that tensors cannot have here are values
 * all the same.
 *
 * @param name PyTorch's name, such as {@code torch.bfloat16}
 * @param dtype the same here, if there is such a type
 */
public record TorchDType(String name, Optional<DType> dtype) implements PickleGlobal {
    static final Map<String, PickleGlobal> BY_NAME = Stream.concat(
                    Arrays.stream(DType.values()).map(d -> new TorchDType("torch." + torchName(d), Optional.of(d))),
                    List.of(
                                    "complex32",
                                    "complex64",
                                    "complex128",
                                    "uint16",
                                    "uint32",
                                    "uint64",
                                    "float8_e4m3fn",
                                    "float8_e4m3fnuz",
                                    "float8_e5m2",
                                    "float8_e5m2fnuz",
                                    "float8_e8m0fnu",
                                    "float4_e2m1fn_x2",
                                    "qint8",
                                    "quint8",
                                    "qint32")
                            .stream()
                            .map(name -> new TorchDType("torch." + name, Optional.empty())))
            .collect(Collectors.toUnmodifiableMap(TorchDType::name, Function.identity()));

    private static String torchName(DType dtype) {
        return switch (dtype) {
            case F64 -> "float64";
            case F32 -> "float32";
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            case I64 -> "int64";
            case I32 -> "int32";
            case I16 -> "int16";
            case I8 -> "int8";
            case U8 -> "uint8";
            case BOOL -> "bool";
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
