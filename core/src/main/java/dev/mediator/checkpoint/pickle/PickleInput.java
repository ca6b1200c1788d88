package dev.mediator.checkpoint.pickle;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Numbers, bytes and text from a stream of known length. A length is believed only as far as there are bytes. */
final class PickleInput {
    private static final int LONGEST_LINE = 1000;

    private final InputStream in;
    private final PickleBudget budget;
    private final byte[] buffer = new byte[8192];
    private int next;
    private int end;
    private long left; // in the stream, without what is buffered
    private long position;

    PickleInput(InputStream in, long length, PickleBudget budget) {
        this.in = in;
        this.left = length;
        this.budget = budget;
    }

    /** How many bytes were consumed. */
    long position() {
        return position;
    }

    int u1() throws IOException {
        if (next == end) {
            fill();
        }
        position++;
        return buffer[next++] & 0xff;
    }

    int u2() throws IOException {
        return u1() | u1() << 8;
    }

    int i4() throws IOException {
        return u2() | u2() << 16;
    }

    long u4() throws IOException {
        return Integer.toUnsignedLong(i4());
    }

    long i8() throws IOException {
        return u4() | u4() << 32;
    }

    /** A pickle's floats, unlike its integers, are big-endian. */
    double f8() throws IOException {
        return Double.longBitsToDouble(Long.reverseBytes(i8()));
    }

    /** So many bytes, as an array of its own. */
    byte[] bytes(long count) throws IOException {
        requireLeft(count);
        budget.charge(PickleBudget.OBJECT + count);
        return read((int) count);
    }

    /** UTF-8 of so many bytes. */
    String text(long count) throws IOException {
        requireLeft(count);
        budget.charge(PickleBudget.TEXT + 2 * count);
        byte[] bytes = read((int) count);
        if (isAscii(bytes)) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new PickleException("it holds text that is not UTF-8");
        }
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }

    private void requireLeft(long count) throws PickleException {
        long there = left + (end - next);
        if (count < 0 || count > there) {
            throw new PickleException(
                    "it claims " + Long.toUnsignedString(count) + " bytes where there are only " + there);
        }
    }

    private byte[] read(int count) throws IOException {
        byte[] bytes = new byte[count];
        int buffered = Math.min(count, end - next);
        System.arraycopy(buffer, next, bytes, 0, buffered);
        next += buffered;
        if (in.readNBytes(bytes, buffered, count - buffered) < count - buffered) {
            throw ended();
        }
        left -= count - buffered;
        position += count;
        return bytes;
    }

    /** An integer in two's complement, little-endian, of at most 8 bytes; 0 if there are none. */
    long integer(int count) throws IOException {
        long value = 0;
        for (int i = 0; i < count; i++) {
            value |= (long) u1() << (8 * i);
        }
        int unused = Long.SIZE - 8 * count;
        return count == 0 ? 0 : value << unused >> unused;
    }

    /** The same of any number of bytes, at least one. */
    BigInteger bigInteger(int count) throws IOException {
        byte[] bytes = bytes(count);
        for (int i = 0, j = count - 1; i < j; i++, j--) {
            byte b = bytes[i];
            bytes[i] = bytes[j];
            bytes[j] = b;
        }
        return new BigInteger(bytes);
    }

    /** A short line of text without its end. */
    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = u1(); c != '\n'; c = u1()) {
            if (line.length() == LONGEST_LINE) {
                throw new PickleException("a name in it is longer than " + LONGEST_LINE + " characters");
            }
            line.append((char) c);
        }
        return line.toString();
    }

    /** Checks that a frame lies inside; frames have no other meaning here. */
    void frame() throws IOException {
        requireLeft(i8());
    }

    private void fill() throws IOException {
        int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count <= 0) {
            throw ended();
        }
        left -= count;
        next = 0;
        end = count;
    }

    private static PickleException ended() {
        return new PickleException("it ends in the middle of its description (truncated?)");
    }
}
