package dev.mediator.checkpoint.pickle;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes a pickle of protocol 2, opcode by opcode; what is put together is up to the caller. It uses only what the
 * restricted unpicklers know that load nothing but data, PyTorch's {@code weights_only} among them. Nothing is remembered
 * in a memo, so no two places of the object are one and the same.
 */
public final class PickleWriter {
    private static final int PROTOCOL = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public PickleWriter() {
        op(Opcode.PROTO).op(PROTOCOL);
    }

    /** Pushes a text. */
    public PickleWriter text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        op(Opcode.BINUNICODE);
        out.writeBytes(littleEndian(4).putInt(bytes.length).array());
        out.writeBytes(bytes);
        return this;
    }

    /** Pushes an integer. */
    public PickleWriter integer(long value) {
        if (value == (int) value) {
            op(Opcode.BININT);
            out.writeBytes(littleEndian(4).putInt((int) value).array());
        } else {
            byte[] bigEndian = BigInteger.valueOf(value).toByteArray();
            op(Opcode.LONG1).op(bigEndian.length);
            for (int i = bigEndian.length - 1; i >= 0; i--) {
                op(bigEndian[i]);
            }
        }
        return this;
    }

    /** Pushes {@code False}. */
    public PickleWriter no() {
        return op(Opcode.NEWFALSE);
    }

    /** Pushes something of a module by its name, such as {@code collections.OrderedDict}. */
    public PickleWriter global(String module, String name) {
        op(Opcode.GLOBAL);
        out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Calls what lies below the top with the arguments on top, a tuple, and pushes the result. */
    public PickleWriter call() {
        return op(Opcode.REDUCE);
    }

    /** Begins the items of a tuple or dict. */
    public PickleWriter begin() {
        return op(Opcode.MARK);
    }

    /** Pushes a tuple of the items since {@link #begin}. */
    public PickleWriter endTuple() {
        return op(Opcode.TUPLE);
    }

    /** Pushes a tuple of these integers. */
    public PickleWriter integers(long... values) {
        begin();
        for (long value : values) {
            integer(value);
        }
        return endTuple();
    }

    /** Pushes a tuple of nothing. */
    public PickleWriter emptyTuple() {
        return op(Opcode.EMPTY_TUPLE);
    }

    /** Pushes an empty dict. */
    public PickleWriter emptyDict() {
        return op(Opcode.EMPTY_DICT);
    }

    /** Puts the keys and values since {@link #begin} into the dict below them. */
    public PickleWriter endItems() {
        return op(Opcode.SETITEMS);
    }

    /** Replaces the top, the name of something outside of the pickle, by that thing. */
    public PickleWriter resolve() {
        return op(Opcode.BINPERSID);
    }

    /** The pickle, whose object is the top. */
    public byte[] finish() {
        return op(Opcode.STOP).out.toByteArray();
    }

    private PickleWriter op(int opcode) {
        out.write(opcode);
        return this;
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
