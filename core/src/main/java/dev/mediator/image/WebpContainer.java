package dev.mediator.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import javax.imageio.IIOException;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a WebP file (RFC 9649), of an animation those of its first frame. The decoder gets the samples alone: it
 * would apply a colour profile, and loses many alpha channels of lossy pictures.
 *
 * @param kind of the samples: VP8 (lossy) or VP8L (lossless)
 * @param samples content of their chunk
 * @param alpha content of the chunk ALPH, null if there is none
 * @param canvas where the frame of an animation lies, null for a picture
 * @param orientation what turns the picture upright
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared
record WebpContainer(
        String kind,
        byte[] samples,
        byte @Nullable [] alpha,
        @Nullable Canvas canvas,
        Orientation orientation) {
    private static final String LOSSY = "VP8 ";
    private static final String LOSSLESS = "VP8L";
    private static final int HEADER = 12;
    private static final int FRAME_HEADER = 16;

    /** What an animation is drawn on, and the place of a frame. */
    record Canvas(int width, int height, int left, int top) {
        static Canvas of(ByteBuffer extended, ByteBuffer frame) {
            return new Canvas(1 + int24(extended, 4), 1 + int24(extended, 7), 2 * int24(frame, 0), 2 * int24(frame, 3));
        }
    }

    /** True if a file begins as WebP does. */
    static boolean isOne(byte[] file) {
        return Bytes.hasAt(file, 0, "RIFF") && Bytes.hasAt(file, 8, "WEBP");
    }

    /**
     * Takes a file apart.
     *
     * @throws IIOException if it is cut or has no picture
     */
    static WebpContainer parse(byte[] file) throws IIOException {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        long claimed = 8 + Integer.toUnsignedLong(in.getInt(4));
        if (file.length < claimed) { // the decoder would go on with zeros
            throw new IIOException("it is truncated: " + file.length + " of " + claimed + " bytes are there");
        }
        Map<String, ByteBuffer> chunks = chunks(in.limit((int) claimed), HEADER);
        ByteBuffer frame = chunks.get("ANMF");
        ByteBuffer extended = chunks.get("VP8X");
        Map<String, ByteBuffer> picture = frame == null ? chunks : chunks(frame, FRAME_HEADER);
        String kind = picture.containsKey(LOSSLESS) ? LOSSLESS : LOSSY;
        ByteBuffer samples = picture.get(kind);
        if (samples == null) {
            throw new IIOException("it has no picture");
        }
        ByteBuffer alpha = kind.equals(LOSSY) ? picture.get("ALPH") : null; // else the samples have their own
        byte[] exif = content(chunks.getOrDefault("EXIF", ByteBuffer.allocate(0)));
        return new WebpContainer(
                kind,
                content(samples),
                alpha == null ? null : content(alpha),
                frame == null || extended == null ? null : Canvas.of(extended, frame),
                Exif.orientation(exif, 0, exif.length));
    }

    /** Decodes it: what is transparent lies on white, and so does a frame that does not fill its canvas. */
    Picture picture() throws IOException {
        Picture stored = kind.equals(LOSSLESS)
                ? WebpLossless.decode(samples)
                : AwtPictures.fromAwt(JavaDecoder.read("webp", file(kind, samples)));
        if (alpha != null) {
            stored = AwtPictures.onWhite(stored, WebpAlpha.decode(alpha, stored.width(), stored.height()));
        }
        if (canvas != null) {
            JavaDecoder.requireFewPixels(canvas.width, canvas.height);
            stored = AwtPictures.onWhite(stored, canvas.width, canvas.height, canvas.left, canvas.top);
        }
        return orientation.apply(stored);
    }

    /** A file that holds these samples and nothing else. */
    private static byte[] file(String kind, byte[] samples) {
        int padded = samples.length + samples.length % 2;
        return ByteBuffer.allocate(HEADER + 8 + padded)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("RIFF".getBytes(StandardCharsets.ISO_8859_1))
                .putInt(4 + 8 + padded)
                .put(("WEBP" + kind).getBytes(StandardCharsets.ISO_8859_1))
                .putInt(samples.length)
                .put(samples)
                .array();
    }

    /** The first chunk of each kind. */
    private static Map<String, ByteBuffer> chunks(ByteBuffer in, int from) throws IIOException {
        Map<String, ByteBuffer> chunks = new HashMap<>();
        for (int at = from; in.limit() - at >= 8; ) {
            byte[] name = new byte[4];
            in.get(at, name);
            int length = in.getInt(at + 4);
            if (length < 0 || length > in.limit() - at - 8) {
                throw new IIOException("it is truncated: a chunk claims more than is there");
            }
            chunks.putIfAbsent(
                    new String(name, StandardCharsets.ISO_8859_1),
                    in.slice(at + 8, length).order(ByteOrder.LITTLE_ENDIAN));
            at += 8 + length + length % 2;
        }
        return chunks;
    }

    private static byte[] content(ByteBuffer chunk) {
        byte[] content = new byte[chunk.limit()];
        chunk.get(0, content);
        return content;
    }

    private static int int24(ByteBuffer chunk, int at) {
        return Short.toUnsignedInt(chunk.getShort(at)) | (Byte.toUnsignedInt(chunk.get(at + 2)) << 16);
    }
}
