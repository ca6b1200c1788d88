package dev.mediator.image;

import com.luciad.imageio.webp.NativeLoader;
import com.luciad.imageio.webp.WebP;
import com.luciad.imageio.webp.WebPDecoderOptions;
import java.io.IOException;
import java.lang.ref.Reference;
import javax.imageio.IIOException;

/** Decodes WebP with libwebp, so that pixels equal those of other programs. */
final class WebpDecoder {
    /** Apart from this class, so that the native library is loaded by the first WebP picture and not before. */
    private static final class Native {
        static final boolean LOADED = load();

        private Native() {}

        /** What {@link WebP#loadNativeLibrary} does, but it prints the failure with its stack trace. */
        private static boolean load() {
            try {
                return NativeLoader.initialize();
            } catch (Exception e) {
                return false;
            }
        }
    }

    private WebpDecoder() {}

    /**
     * Decodes a picture; what is transparent lies on white.
     *
     * @param chunks of the picture, with their headers: VP8L, or VP8 with ALPH before it if it has an alpha channel
     */
    static Picture decode(byte[] chunks) throws IOException {
        requireNative(Native.LOADED);
        int[] size = WebP.getInfo(chunks, 0, chunks.length);
        JavaDecoder.requireFewPixels(size[0], size[1]);
        WebPDecoderOptions options = new WebPDecoderOptions(); // libwebp writes to them: not shared between threads
        try {
            return AwtPictures.ofArgb(size[0], size[1], WebP.decode(options, chunks, 0, chunks.length, size));
        } finally {
            Reference.reachabilityFence(options); // their finalizer frees memory that the call above works with
        }
    }

    static void requireNative(boolean loaded) throws IIOException {
        if (!loaded) {
            String platform = System.getProperty("os.name") + ", " + System.getProperty("os.arch");
            throw new IIOException("WebP needs the native library libwebp, which cannot be loaded here (" + platform
                    + "); convert the picture to PNG");
        }
    }
}
