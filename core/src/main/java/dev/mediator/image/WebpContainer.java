package dev.mediator.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.IIOException;
import org.jspecify.annotations.Nullable;

/**
 * A WebP file (RFC 9649), of an animation its first frame. The decoder gets the chunks with samples alone: it knows no
 * animations.
 *
 * @param samples the chunk VP8L (lossless), or VP8 (lossy) with ALPH before it if it is there, with their headers
 * @param canvas where the frame of an animation lies, null for a picture
 * @param orientation what turns the picture upright
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared
record WebpContainer(byte[] samples, @Nullable Canvas canvas, Orientation orientation) {
    private static final String LOSSY = "VP8 ";
    private static final String LOSSLESS = "VP8L";
    private static final String ALPHA = "ALPH";
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
        byte[] exif = content(chunks.getOrDefault("EXIF", ByteBuffer.allocate(0)));
        return new WebpContainer(
                samples(picture),
                frame == null || extended == null ? null : Canvas.of(extended, frame),
                Exif.orientation(exif, 0, exif.length));
    }

    /** Decodes it: what is transparent lies on white, and so does a frame that does not fill its canvas. */
    Picture picture() throws IOException {
        Picture stored = WebpDecoder.decode(samples);
        if (canvas != null) {
            JavaDecoder.requireFewPixels(canvas.width, canvas.height);
            stored = AwtPictures.onWhite(stored, canvas.width, canvas.height, canvas.left, canvas.top);
        }
        return orientation.apply(stored);
    }

    private static byte[] samples(Map<String, ByteBuffer> picture) throws IIOException {
        boolean lossless = picture.containsKey(LOSSLESS); // with its alpha among the samples
        if (!lossless && !picture.containsKey(LOSSY)) {
            throw new IIOException("it has no picture");
        }
        ByteArrayOutputStream chunks = new ByteArrayOutputStream();
        for (String kind : lossless ? List.of(LOSSLESS) : List.of(ALPHA, LOSSY)) {
            ByteBuffer content = picture.get(kind);
            if (content != null) {
                chunks.writeBytes(withHeader(kind, content(content)));
            }
        }
        return chunks.toByteArray();
    }

    private static byte[] withHeader(String kind, byte[] content) {
        return ByteBuffer.allocate(8 + content.length + content.length % 2)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(kind.getBytes(StandardCharsets.ISO_8859_1))
                .putInt(content.length)
                .put(content)
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
