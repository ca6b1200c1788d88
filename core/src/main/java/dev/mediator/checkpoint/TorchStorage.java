package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.PickleGlobal;
import dev.mediator.tensor.DType;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A piece of memory that tensors are views of, or a part of one.
 *
 * @param key what the file calls the memory
 * @param type its element type
 * @param first the part's first element
 * @param numel how many elements the part has
 * @param total how many elements the memory has
 */
record TorchStorage(String key, Type type, long first, long numel, long total) {
    /**
     * A storage class of PyTorch. An untyped one counts bytes, and each tensor on it tells its own element type.
     *
     * @param dtype element type; of one that is not read, bytes
     * @param bytes of an element, 0 if that is not known
     * @param refusal why tensors on it are not read, empty if they are
     */
    record Type(String name, DType dtype, boolean isTyped, int bytes, String refusal) implements PickleGlobal {
        private static final Map<String, Integer> BYTES_OF_REFUSED = Map.of(
                "torch.ComplexFloatStorage", 8,
                "torch.ComplexDoubleStorage", 16,
                "torch.QInt8Storage", 1,
                "torch.QUInt8Storage", 1,
                "torch.QInt32Storage", 4);

        static final Map<String, PickleGlobal> BY_NAME = Stream.of(
                        typed("DoubleStorage", DType.F64),
                        typed("FloatStorage", DType.F32),
                        typed("HalfStorage", DType.F16),
                        typed("BFloat16Storage", DType.BF16),
                        typed("LongStorage", DType.I64),
                        typed("IntStorage", DType.I32),
                        typed("ShortStorage", DType.I16),
                        typed("CharStorage", DType.I8),
                        typed("ByteStorage", DType.U8),
                        typed("BoolStorage", DType.BOOL),
                        new Type("torch.storage.UntypedStorage", DType.U8, false, 1, ""))
                .collect(Collectors.toUnmodifiableMap(Type::name, Function.identity()));

        /** The class of typed storages of an element type. */
        static Type of(DType dtype) {
            return BY_NAME.values().stream()
                    .map(Type.class::cast)
                    .filter(type -> type.isTyped() && type.dtype() == dtype)
                    .findFirst()
                    .orElseThrow();
        }

        /** The class of storages of an element type that is not read. */
        static Type refused(String name, String reason) {
            return new Type(name, DType.U8, true, BYTES_OF_REFUSED.getOrDefault(name, 0), reason);
        }

        boolean isRefused() {
            return !refusal.isEmpty();
        }

        private static Type typed(String name, DType dtype) {
            return new Type("torch." + name, dtype, true, dtype.bytes(), "");
        }
    }

    /** Bytes of the whole memory. */
    long totalBytes() {
        return Math.multiplyExact(total, (long) type.bytes());
    }
}
