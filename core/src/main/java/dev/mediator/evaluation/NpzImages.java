package dev.mediator.evaluation;

import dev.mediator.checkpoint.NpyHeader;
import dev.mediator.checkpoint.NpyReader;
import dev.mediator.checkpoint.NpzFile;
import dev.mediator.image.Picture;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The images of a .npz batch as ADM's evaluator takes it: {@code arr_0}, [N, H, W, 3] uint8, or [N, H, W] and [N, H, W, 1] for
 * grey (an array [H, W, 3] or [H, W, 1] is one picture, not many, and refused), and optionally the images' classes {@code arr_1}, [N] of
 * whole numbers. Images are read as they are asked for, so a batch may be larger than memory.
 *
 * <p>For one thread at a time; once it is closed, its images are refused with an {@link IllegalStateException}.
 */
public final class NpzImages implements ImageSource {
    private static final String NAME = "arr_0";
    private static final String LABELS = "arr_1";
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
            requireImages(path, header);
            List<Long> shape = header.shape();
            boolean colour = shape.size() == 4 && shape.get(3) == 3;
            usable = true;
            int height = shape.get(1).intValue();
            return new NpzImages(file, reader, height, shape.get(2).intValue(), colour ? 3 : 1);
        } finally {
            if (!usable) {
                file.close();
            }
        }
    }

    @Override
    public Path path() {
        return file.file();
    }

    @Override
    public long count() {
        return reader.header().rows();
    }

    /**
     * The numbers in {@code arr_1}; empty if there is no such array.
     *
     * @throws IOException if it is no list of as many whole numbers of 0 or more; the message tells what it is
     */
    @Override
    public List<String> classes() throws IOException {
        if (!file.contains(LABELS)) {
            return List.of();
        }
        NpyHeader header = file.header(LABELS);
        boolean isRow = header.shape().equals(List.of(count()));
        if (header.dtype().isFloatingPoint() || header.dtype() == DType.BOOL || !isRow) {
            throw notLabels(header.dtype() + " " + header.shape(), isOneHot(header) ? "; arr_1.argmax(1) is" : "");
        }
        try (Scope scope = Scope.open()) {
            long[] labels = Tensors.longs(file.read(LABELS, header.dataBytes()));
            for (int i = 0; i < labels.length; i++) {
                if (labels[i] < 0) {
                    throw notLabels("of values such as " + labels[i] + " (at " + i + ")", "");
                }
            }
            return LongStream.of(labels).mapToObj(Long::toString).toList();
        }
    }

    private IOException notLabels(String found, String hint) {
        return new IOException(file.file() + ": array '" + LABELS + "' is " + found + ", the classes of the " + count()
                + " images are whole numbers of 0 or more, [" + count() + "]" + hint
                + "; without the array the images have no classes");
    }

    private boolean isOneHot(NpyHeader header) {
        return header.shape().size() == 2
                && header.shape().get(0) == count()
                && header.shape().get(1) > 1;
    }

    @Override
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
    public void skip(long images) throws IOException {
        byte[] samples = new byte[height * width * channels];
        for (long left = Math.min(images, reader.rowsLeft()); left > 0; left--) {
            reader.read(samples);
        }
    }

    @Override
    public void close() throws IOException {
        reader.close();
        file.close();
    }

    private static void requireImages(Path path, NpyHeader header) throws IOException {
        List<Long> shape = header.shape();
        boolean batch = shape.size() == 4 ? isOneOf(shape.get(3), 1, 3) : shape.size() == 3 && !isOnePicture(shape);
        if (header.dtype() != DType.U8 || header.fortranOrder() || !batch || !areSides(shape)) {
            throw new IOException(path + ": array '" + NAME + "' is " + header.dtype() + " " + shape
                    + (header.fortranOrder() ? " in Fortran order" : "")
                    + ", images are U8 [N, H, W, 3], [N, H, W, 1] or [N, H, W]" + hint(header));
        }
    }

    /** [H, W, C] of one picture, not [N, H, W] of a strip of grey ones. */
    private static boolean isOnePicture(List<Long> shape) {
        long last = shape.get(2);
        return isOneOf(last, 1, 3) || (last == 4 && shape.get(0) > last && shape.get(1) > last);
    }

    /** What was probably meant, and what makes it right. */
    private static String hint(NpyHeader header) {
        List<Long> shape = header.shape();
        int axes = shape.size();
        if (axes == 4 && isOneOf(shape.get(1), 1, 3, 4) && !isOneOf(shape.get(3), 1, 3)) {
            return "; channels come last: arr_0.transpose(0, 2, 3, 1)";
        } else if (axes == 4 && shape.get(3) == 4) {
            return "; transparency is not taken: lay the images on white, and leave out the fourth channel";
        } else if (axes == 3 && isOnePicture(shape)) {
            return "; one picture is " + List.of(1L, shape.get(0), shape.get(1), shape.get(2)) + ", grey ones are "
                    + List.of(shape.get(0), shape.get(1), shape.get(2), 1L);
        } else if (axes == 2) {
            return "; give flattened images their shape again: arr_0.reshape(N, H, W, C)";
        } else if (header.dtype() != DType.U8) {
            return "; values are whole numbers from 0 to 255: scale them, then arr_0.round().astype('uint8')";
        }
        return header.fortranOrder() ? "; numpy.ascontiguousarray(arr_0) has the order of C" : "";
    }

    private static boolean isOneOf(long size, long... allowed) {
        return LongStream.of(allowed).anyMatch(one -> one == size);
    }

    private static boolean areSides(List<Long> shape) {
        return shape.get(1) >= 1 && shape.get(1) <= MAX_SIDE && shape.get(2) >= 1 && shape.get(2) <= MAX_SIDE;
    }
}
