package dev.mediator.image;

import java.util.Arrays;
import javax.imageio.IIOException;

/** A prefix code of lossless WebP (RFC 9649, section 3.7.2), decoded bit by bit from the numbers of its words by length. */
final class WebpCode {
    private static final int LONGEST = 15;
    private static final int[] LENGTHS_ORDER = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    private final int[] words = new int[LONGEST + 1];
    private final int[] symbols;

    private WebpCode(int[] lengths) throws IIOException {
        int count = 0;
        for (int length : lengths) {
            words[length]++;
            count += length > 0 ? 1 : 0;
        }
        words[0] = 0;
        symbols = new int[count];
        int[] next = new int[LONGEST + 2];
        long room = 0;
        for (int length = 1; length <= LONGEST; length++) {
            next[length + 1] = next[length] + words[length];
            room += (long) words[length] << (LONGEST - length);
        }
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            if (lengths[symbol] > 0) {
                symbols[next[lengths[symbol]]++] = symbol;
            }
        }
        if (count == 0 || (count > 1 && room != 1L << LONGEST)) {
            throw damaged();
        }
    }

    /** Reads a code for this many symbols. */
    static WebpCode read(WebpBits in, int alphabet) throws IIOException {
        return new WebpCode(in.flag() ? simple(in, alphabet) : normal(in, alphabet));
    }

    /** The next symbol; a code of one symbol takes no bits. */
    int next(WebpBits in) throws IIOException {
        if (symbols.length == 1) {
            return symbols[0];
        }
        int code = 0;
        int first = 0;
        int index = 0;
        for (int length = 1; length <= LONGEST; length++) {
            code |= in.bit();
            if (code - words[length] < first) {
                return symbols[index + code - first];
            }
            index += words[length];
            first = (first + words[length]) << 1;
            code <<= 1;
        }
        throw damaged();
    }

    private static int[] simple(WebpBits in, int alphabet) throws IIOException {
        int count = in.bit() + 1;
        int[] lengths = new int[alphabet];
        for (int i = 0; i < count; i++) {
            int symbol = in.number(i > 0 || in.flag() ? 8 : 1);
            if (symbol >= alphabet) {
                throw damaged();
            }
            lengths[symbol] = 1;
        }
        return lengths;
    }

    private static int[] normal(WebpBits in, int alphabet) throws IIOException {
        int[] codeLengths = new int[LENGTHS_ORDER.length];
        int count = 4 + in.number(4);
        for (int i = 0; i < count; i++) {
            codeLengths[LENGTHS_ORDER[i]] = in.number(3);
        }
        WebpCode code = new WebpCode(codeLengths);
        int left = in.flag() ? 2 + in.number(2 + 2 * in.number(3)) : alphabet;
        int[] lengths = new int[alphabet];
        int previous = 8;
        for (int symbol = 0; symbol < alphabet && left > 0; left--) {
            int length = code.next(in);
            if (length <= LONGEST) {
                lengths[symbol++] = length;
                previous = length > 0 ? length : previous;
                continue;
            }
            int repeats = length == 16 ? 3 + in.number(2) : length == 17 ? 3 + in.number(3) : 11 + in.number(7);
            if (repeats > alphabet - symbol) {
                throw damaged();
            }
            Arrays.fill(lengths, symbol, symbol + repeats, length == 16 ? previous : 0);
            symbol += repeats;
        }
        return lengths;
    }

    static IIOException damaged() {
        return new IIOException("its samples are damaged");
    }
}
