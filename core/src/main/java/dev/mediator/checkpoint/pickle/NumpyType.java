package dev.mediator.checkpoint.pickle;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A NumPy element type: a kind of number, its size in bytes, and the byte order. */
final class NumpyType implements PickleObject {
    private static final List<String> KNOWN =
            List.of("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8");

    private final String code;
    private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

    /** The type of a code that {@link #isKnown}. */
    NumpyType(String code) {
        this.code = code;
    }

    static boolean isKnown(String code) {
        return KNOWN.contains(code);
    }

    int bytes() {
        return code.charAt(1) - '0';
    }

    /** The state is (version, byte order, nested type, names, fields, size, alignment, flags). */
    @Override
    public void build(@Nullable Object state, PickleBudget budget) throws PickleException {
        if (!(state instanceof Tuple fields)
                || fields.size() < 5
                || !(fields.get(1) instanceof String byteOrder)
                || !List.of("<", ">", "|", "=").contains(byteOrder)) {
            throw new PickleException("it has a NumPy element type without a byte order");
        }
        if (fields.get(2) != null || fields.get(3) != null || fields.get(4) != null) {
            throw new PickleException("it has a NumPy element type of several fields");
        }
        order = byteOrder.equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    /** The element at a byte: a Long, BigInteger (beyond a Long), Double or Boolean. */
    Object decode(byte[] bytes, int at) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
        return switch (code) {
            case "b1" -> buffer.get(at) != 0;
            case "i1" -> (long) buffer.get(at);
            case "i2" -> (long) buffer.getShort(at);
            case "i4" -> (long) buffer.getInt(at);
            case "i8" -> buffer.getLong(at);
            case "u1" -> (long) Byte.toUnsignedInt(buffer.get(at));
            case "u2" -> (long) Short.toUnsignedInt(buffer.getShort(at));
            case "u4" -> Integer.toUnsignedLong(buffer.getInt(at));
            case "u8" -> unsigned(buffer.getLong(at));
            case "f2" -> half(buffer.getShort(at));
            case "f4" -> (double) buffer.getFloat(at);
            default -> buffer.getDouble(at);
        };
    }

    private static Object unsigned(long bits) {
        return bits >= 0 ? (Object) bits : new BigInteger(Long.toUnsignedString(bits));
    }

    /** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
    private static double half(short bits) {
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        double magnitude = exponent == 0x1f
                ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                : exponent == 0
                        ? Math.scalb((double) fraction, -24)
                        : Math.scalb((double) (fraction | 0x400), exponent - 25);
        return bits < 0 ? -magnitude : magnitude;
    }

    @Override
    public String toString() {
        return (order == ByteOrder.BIG_ENDIAN ? ">" : "") + code;
    }
}
