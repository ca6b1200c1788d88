package dev.mediator.evaluation;

import dev.mediator.checkpoint.NpyHeader;
import dev.mediator.checkpoint.NpyReader;
import dev.mediator.checkpoint.NpzFile;
import dev.mediator.image.Picture;
import dev.mediator.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The images of a .npz batch as ADM's evaluator takes it: {@code arr_0}, [N, H, W, 3] uint8, or [N, H, W] and [N, H, W, 1] for
 * grey. They are read as they are asked for, so a batch may be larger than memory.
 */
public final class NpzImages implements AutoCloseable {
    private static final String NAME = "arr_0";
    private static final long MAX_SIDE = 1 << 14;

    private final NpzFile file;
    private final NpyReader reader;
    private final int height;
    private final int width;
    private final int channels;

    private NpzImages(NpzFile file, NpyReader reader, int height, int width, int channels) {
        this.file = file;
        this.reader = reader;
        this.height = height;
        this.width = width;
        this.channels = channels;
    }

    /**
     * Opens a batch.
     *
     * @throws IOException if the file is unusable or its {@code arr_0} holds no images; the message names it
     */
    public static NpzImages open(Path path) throws IOException {
        NpzFile file = NpzFile.open(path);
        boolean usable = false;
        try {
            NpyReader reader = file.array(NAME);
            NpyHeader header = reader.header();
            List<Long> shape = header.shape();
            boolean colour = shape.size() == 4 && shape.get(3) == 3;
            boolean grey = shape.size() == 3 || (shape.size() == 4 && shape.get(3) == 1);
            if (header.dtype() != DType.U8 || header.fortranOrder() || !(colour || grey) || !areSides(shape)) {
                throw new IOException(path + ": array '" + NAME + "' is " + header.dtype() + " " + shape
                        + (header.fortranOrder() ? " in Fortran order" : "")
                        + ", images are U8 [N, H, W, 3], [N, H, W, 1] or [N, H, W]");
            }
            usable = true;
            int height = shape.get(1).intValue();
            return new NpzImages(file, reader, height, shape.get(2).intValue(), colour ? 3 : 1);
        } finally {
            if (!usable) {
                file.close();
            }
        }
    }

    /** Images in the file. */
    public long count() {
        return reader.header().rows();
    }

    /**
     * The images that come next.
     *
     * @param most how many at most, at least 1
     * @return empty when there are no more
     * @throws IOException if the file is damaged
     */
    public List<Picture> next(int most) throws IOException {
        if (most < 1) {
            throw new IllegalArgumentException("most is " + most + ", allowed is 1 or more");
        }
        List<Picture> pictures = new ArrayList<>();
        byte[] samples = new byte[height * width * channels];
        while (pictures.size() < most && reader.rowsLeft() > 0) {
            reader.read(samples);
            pictures.add(Picture.of(width, height, channels, samples));
        }
        return pictures;
    }

    @Override
    public void close() throws IOException {
        reader.close();
        file.close();
    }

    private static boolean areSides(List<Long> shape) {
        return shape.get(1) >= 1 && shape.get(1) <= MAX_SIDE && shape.get(2) >= 1 && shape.get(2) <= MAX_SIDE;
    }
}
