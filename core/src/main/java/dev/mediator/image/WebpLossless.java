package dev.mediator.image;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import javax.imageio.IIOException;

/**
 * Decodes lossless WebP samples, the chunk VP8L (RFC 9649, section 3). Java's decoder at hand gives pixels outside of a
 * palette the wrong colour, and so shows what is transparent. Pixels are kept as alpha, red, green and blue from the highest byte on.
 */
final class WebpLossless {
    private static final int SIGNATURE = 0x2f;
    private static final int LITERALS = 256;
    private static final int LENGTHS = 24;
    private static final int DISTANCES = 40;
    private static final int CACHE_HASH = 0x1e35a7bd;

    /** Places of pixels nearby, by their distance: rows above in the high four bits, 8 less the columns to the left in the low ones. */
    private static final byte[] NEARBY = HexFormat.of()
            .parseHex("1807171928062729161a262a38053739151b363a252b48044749141c353b464a242c58454b343c03"
                    + "5759131d565a232d444c555b333d68026769121e666a222e545c434d656b323e78017779535d111f"
                    + "646c424e767a212f757b313f636d525e00747c414f1020626e30737d515f40727e616f50717f6070");

    private final WebpBits in;

    private WebpLossless(WebpBits in) {
        this.in = in;
    }

    /** Decodes the content of a chunk VP8L; what is transparent lies on white. */
    static Picture decode(byte[] chunk) throws IIOException {
        WebpBits in = new WebpBits(chunk, 0);
        if (in.number(8) != SIGNATURE) {
            throw WebpCode.damaged();
        }
        int width = 1 + in.number(14);
        int height = 1 + in.number(14);
        boolean hasAlpha = in.flag();
        if (in.number(3) != 0) {
            throw new IIOException("its samples have an unknown version");
        }
        JavaDecoder.requireFewPixels(width, height);
        int[] argb = new WebpLossless(in).picture(width, height);
        byte[] samples = new byte[Math.multiplyExact(3, argb.length)];
        byte[] alpha = new byte[argb.length];
        for (int i = 0; i < argb.length; i++) {
            samples[3 * i] = (byte) (argb[i] >> 16);
            samples[3 * i + 1] = (byte) (argb[i] >> 8);
            samples[3 * i + 2] = (byte) argb[i];
            alpha[i] = (byte) (hasAlpha ? argb[i] >> 24 : 255);
        }
        return AwtPictures.onWhite(Picture.owning(width, height, 3, samples), alpha);
    }

    /** Decodes pixels of a known size, alpha in the highest byte, then red, green and blue, from a place of the file on. */
    static int[] decode(byte[] bytes, int from, int width, int height) throws IIOException {
        return new WebpLossless(new WebpBits(bytes, from)).picture(width, height);
    }

    private int[] picture(int width, int height) throws IIOException {
        Deque<WebpTransform> transforms = new ArrayDeque<>();
        int stored = width;
        int seen = 0;
        while (in.flag()) {
            int kind = in.number(2);
            if ((seen & 1 << kind) != 0) {
                throw WebpCode.damaged();
            }
            seen |= 1 << kind;
            WebpTransform transform = transform(kind, stored, height);
            stored = transform.storedWidth();
            transforms.push(transform);
        }
        int[] pixels = entropyCoded(stored, height, true);
        for (WebpTransform transform : transforms) {
            pixels = transform.undo(pixels);
        }
        return pixels;
    }

    private WebpTransform transform(int kind, int width, int height) throws IIOException {
        if (kind == 2) {
            return new WebpTransform.AddGreen(width);
        } else if (kind == 3) {
            int[] colours = entropyCoded(1 + in.number(8), 1, false);
            for (int i = 1; i < colours.length; i++) {
                colours[i] = WebpTransform.add(colours[i], colours[i - 1]);
            }
            return new WebpTransform.Palette(width, height, colours);
        }
        int bits = 2 + in.number(3);
        int columns = blocks(width, bits);
        int[] blocks = entropyCoded(columns, blocks(height, bits), false);
        return kind == 0
                ? new WebpTransform.Predict(width, height, bits, columns, blocks)
                : new WebpTransform.AddColours(width, height, bits, columns, blocks);
    }

    private int[] entropyCoded(int width, int height, boolean main) throws IIOException {
        int cacheBits = in.flag() ? in.number(4) : 0;
        if (cacheBits > 11) {
            throw WebpCode.damaged();
        }
        int groupBits = 0;
        int[] groupOf = {0};
        if (main && in.flag()) {
            groupBits = 2 + in.number(3);
            groupOf = entropyCoded(blocks(width, groupBits), blocks(height, groupBits), false);
            for (int i = 0; i < groupOf.length; i++) {
                groupOf[i] = (groupOf[i] >> 8) & 0xffff;
            }
        }
        WebpCode[][] groups = new WebpCode[Arrays.stream(groupOf).max().orElse(0) + 1][];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = new WebpCode[] {
                WebpCode.read(in, LITERALS + LENGTHS + (cacheBits == 0 ? 0 : 1 << cacheBits)),
                WebpCode.read(in, 256),
                WebpCode.read(in, 256),
                WebpCode.read(in, 256),
                WebpCode.read(in, DISTANCES)
            };
        }
        return pixels(width, height, groups, groupOf, groupBits, cacheBits);
    }

    private int[] pixels(int width, int height, WebpCode[][] groups, int[] groupOf, int groupBits, int cacheBits)
            throws IIOException {
        int[] pixels = new int[width * height];
        int[] cache = new int[1 << cacheBits];
        int columns = blocks(width, groupBits);
        for (int at = 0; at < pixels.length; ) {
            int block = groups.length == 1 ? 0 : ((at / width) >> groupBits) * columns + ((at % width) >> groupBits);
            WebpCode[] codes = groups[groupOf[block]];
            int symbol = codes[0].next(in);
            int end = at + 1;
            if (symbol < LITERALS) {
                int red = codes[1].next(in);
                int blue = codes[2].next(in);
                pixels[at] = codes[3].next(in) << 24 | red << 16 | symbol << 8 | blue;
            } else if (symbol < LITERALS + LENGTHS) {
                int length = extended(symbol - LITERALS);
                int distance = distance(extended(codes[4].next(in)), width);
                if (length > pixels.length - at || distance > at) {
                    throw WebpCode.damaged();
                }
                end = at + length;
                for (int to = at; to < end; to++) {
                    pixels[to] = pixels[to - distance];
                }
            } else {
                pixels[at] = cache[symbol - LITERALS - LENGTHS];
            }
            for (; at < end; at++) {
                if (cacheBits > 0) {
                    cache[(CACHE_HASH * pixels[at]) >>> (32 - cacheBits)] = pixels[at];
                }
            }
        }
        return pixels;
    }

    /** A length or distance, of which the symbol tells the highest bits. */
    private int extended(int symbol) throws IIOException {
        if (symbol < 4) {
            return symbol + 1;
        }
        int bits = (symbol - 2) >> 1;
        return ((2 + (symbol & 1)) << bits) + in.number(bits) + 1;
    }

    private static int distance(int code, int width) {
        if (code > NEARBY.length) {
            return code - NEARBY.length;
        }
        int place = NEARBY[code - 1];
        return Math.max(1, (place >> 4) * width + 8 - (place & 15));
    }

    private static int blocks(int size, int bits) {
        return (size + (1 << bits) - 1) >> bits;
    }
}
