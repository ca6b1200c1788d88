package dev.mediator.image;

import javax.imageio.IIOException;

/** A stream of bits, the lowest of each byte first. */
final class WebpBits {
    private final byte[] bytes;
    private final long end;
    private long at;

    WebpBits(byte[] bytes, int from) {
        this.bytes = bytes;
        this.at = 8L * from;
        this.end = 8L * bytes.length;
    }

    int bit() throws IIOException {
        if (at >= end) {
            throw new IIOException("it is truncated: its samples end too early");
        }
        int bit = (bytes[(int) (at >> 3)] >> (at & 7)) & 1;
        at++;
        return bit;
    }

    boolean flag() throws IIOException {
        return bit() == 1;
    }

    /** A number of so many bits, the lowest first. */
    int number(int bits) throws IIOException {
        int value = 0;
        for (int i = 0; i < bits; i++) {
            value |= bit() << i;
        }
        return value;
    }
}
