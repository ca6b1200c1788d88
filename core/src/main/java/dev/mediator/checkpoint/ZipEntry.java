package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * An entry of a zip archive.
 *
 * @param name path in the archive
 * @param header where its local header begins
 * @param data its bytes in the file
 * @param deflated true if they are compressed
 * @param bytes how many bytes it says that it has when it is not compressed
 * @param crc what it says is the CRC-32 of these; PyTorch may leave it out
 */
record ZipEntry(String name, long header, FileRange data, boolean deflated, long bytes, long crc) {
    /** Its content, at most {@link #bytes} of it; a wrong claim shows as an end that comes too early. */
    InputStream stream(FileBytes file) {
        InputStream stored = file.stream(data);
        return deflated ? new Inflated(stored) : stored;
    }

    /** Frees the inflater, which {@link InflaterInputStream} does for its own only. */
    private static final class Inflated extends InflaterInputStream {
        Inflated(InputStream stored) {
            super(stored, new Inflater(true), 1 << 16);
        }

        @Override
        public void close() throws IOException {
            inf.end();
            super.close();
        }
    }

    /** True if it has a checksum: PyTorch writes 0 where it was told to compute none. */
    boolean hasCrc() {
        return crc != 0 || bytes == 0;
    }

    /**
     * Reads the content and holds it against its checksum, if it has one.
     *
     * @throws ZipException if they differ
     */
    void requireSound(FileBytes file) throws IOException {
        CRC32 found = new CRC32();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = stream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                found.update(buffer, 0, n);
            }
        }
        if (hasCrc() && found.getValue() != crc) {
            throw new ZipException("entry " + Quoted.of(name) + " is damaged: its checksum is wrong");
        }
    }

    /** The content of a short entry. */
    byte[] read(FileBytes file, int most) throws IOException {
        try (InputStream in = stream(file)) {
            return in.readNBytes((int) Math.min(most, bytes));
        }
    }
}
