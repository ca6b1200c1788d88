package dev.mediator.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes pickles by hand, opcode by opcode, honest or not. */
final class PickleBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    static PickleBytes protocol(int protocol) {
        return new PickleBytes().op(0x80, protocol);
    }

    /** A pickle of this, with the opcode that ends it. */
    static byte[] of(PickleBytes content) {
        return content.op('.').bytes();
    }

    PickleBytes op(int... opcodes) {
        for (int opcode : opcodes) {
            out.write(opcode);
        }
        return this;
    }

    PickleBytes ops(String opcodes) {
        return raw(opcodes.getBytes(StandardCharsets.ISO_8859_1));
    }

    PickleBytes raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    PickleBytes repeat(int times, int... opcodes) {
        byte[] once = new byte[opcodes.length];
        for (int i = 0; i < once.length; i++) {
            once[i] = (byte) opcodes[i];
        }
        byte[] all = new byte[times * once.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = once[i % once.length];
        }
        return raw(all);
    }

    PickleBytes text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return op('X').i4(bytes.length).raw(bytes);
    }

    PickleBytes integer(long value) {
        return op(0x8a, 8).i8(value);
    }

    PickleBytes global(String module, String name) {
        return ops("c" + module + "\n" + name + "\n");
    }

    PickleBytes i4(int value) {
        return raw(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }

    PickleBytes i8(long value) {
        return raw(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
    }

    /** A storage of floats, as a persistent id. */
    PickleBytes storage(String key, long numel) {
        return op('(').text("storage")
                .global("torch", "FloatStorage")
                .text(key)
                .text("cpu")
                .integer(numel)
                .op('t', 'Q');
    }

    /** A tensor on a storage, with one size and one stride per dimension. */
    PickleBytes tensor(String key, long numel, long offset, long[] sizes, long[] strides) {
        return global("torch._utils", "_rebuild_tensor_v2")
                .op('(')
                .storage(key, numel)
                .integer(offset)
                .integers(sizes)
                .integers(strides)
                .op(0x89)
                .global("collections", "OrderedDict")
                .ops(")Rt")
                .op('R');
    }

    PickleBytes integers(long... values) {
        op('(');
        for (long value : values) {
            integer(value);
        }
        return op('t');
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
