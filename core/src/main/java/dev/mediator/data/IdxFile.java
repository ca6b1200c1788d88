package dev.mediator.data;

import dev.mediator.file.FileNames;
import dev.mediator.file.FileNature;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A file in the IDX format of MNIST, gzip-compressed or not: two zero bytes, the element type (8: unsigned byte), the
 * number of axes, one big-endian 32-bit size per axis, then the elements in row-major order.
 *
 * @param file where it was read from
 * @param sizes sizes of the axes
 * @param data the elements
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared
record IdxFile(Path file, int[] sizes, byte[] data) {
    private static final int GZIP_MAGIC = 0x1f8b;
    private static final int UNSIGNED_BYTE = 8;

    /**
     * Reads a whole file of unsigned bytes.
     *
     * @param axes number of axes the file must have: 3 for images, 1 for labels
     * @throws IOException if the file is not such a file or is damaged; the message names it
     */
    static IdxFile read(Path file, int axes) throws IOException {
        FileNames.require(file);
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
                InputStream in =
                        isGzip(raw) ? new BufferedInputStream(new GZIPInputStream(raw, 1 << 16), 1 << 16) : raw) {
            in.mark(FileNature.START_BYTES);
            byte[] start = in.readNBytes(FileNature.START_BYTES);
            in.reset();
            if (start.length < 4) {
                throw malformed(file, "it ends too early" + FileNature.suffix(start));
            }
            int magic = readInt(in);
            int expected = UNSIGNED_BYTE << 8 | axes;
            if (magic != expected) {
                throw malformed(
                        file,
                        String.format(
                                        "it starts with 0x%08x, expected is 0x%08x (unsigned bytes, %d axes)",
                                        magic, expected, axes)
                                + FileNature.suffix(start));
            }
            int[] sizes = new int[axes];
            long count = 1;
            for (int i = 0; i < axes; i++) {
                sizes[i] = readInt(in);
                if (sizes[i] < 1) {
                    throw malformed(file, "the size of axis " + i + " is " + sizes[i]);
                }
                count = Math.min(count * sizes[i], Long.MAX_VALUE >>> 32);
            }
            return new IdxFile(file, sizes, readElements(file, in, count));
        } catch (EOFException e) {
            throw malformed(file, "it ends too early");
        } catch (ZipException e) {
            throw malformed(file, "its compression is damaged: " + e.getMessage());
        }
    }

    private static byte[] readElements(Path file, InputStream in, long count) throws IOException {
        if (count > Integer.MAX_VALUE - 8) {
            throw malformed(file, "it claims " + count + " bytes or more, allowed are 2 GiB");
        }
        byte[] data = in.readNBytes((int) count);
        if (data.length < count) {
            throw malformed(file, "it is truncated: " + data.length + " of " + count + " bytes are there");
        }
        if (in.read() >= 0) {
            throw malformed(file, "there is more data than the " + count + " bytes its header claims");
        }
        return data;
    }

    private static boolean isGzip(InputStream in) throws IOException {
        in.mark(2);
        int magic = in.read() << 8 | in.read();
        in.reset();
        return magic == GZIP_MAGIC;
    }

    private static int readInt(InputStream in) throws IOException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException();
            }
            value = value << 8 | next;
        }
        return value;
    }

    static IOException malformed(Path file, String what) {
        return new IOException(file + " is not a usable IDX file: " + what);
    }
}
