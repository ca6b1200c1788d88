package dev.mediator.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipEntry;

/**
 * The content of one entry of a zip archive, never more than the directory says. Whoever reads it to its end gets an error
 * if its checksum is wrong. Closing it leaves the archive open.
 */
final class ZipEntryStream extends InputStream {
    private static final int BUFFER_BYTES = 1 << 16;

    private final String source;
    private final ZipEntryRange entry;
    private final Inflater inflater = new Inflater(true);
    private final InputStream content;
    private final CRC32 crc = new CRC32();
    private long bytesLeft;

    ZipEntryStream(String source, FileChannel channel, ZipEntryRange entry) {
        this.source = source;
        this.entry = entry;
        this.bytesLeft = entry.bytes();
        InputStream stored = new Stored(channel, entry.dataStart(), entry.end());
        this.content =
                entry.method() == ZipEntry.STORED ? stored : new InflaterInputStream(stored, inflater, BUFFER_BYTES);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (bytesLeft == 0) {
            return -1;
        }
        int count = unpack(target, offset, (int) Math.min(length, bytesLeft));
        if (count < 0) {
            throw new IOException(source + " is damaged: it ends too early");
        }
        crc.update(target, offset, count);
        bytesLeft -= count;
        if (bytesLeft == 0 && crc.getValue() != entry.crc()) {
            throw new IOException(source + " is damaged: its checksum is wrong");
        }
        return count;
    }

    private int unpack(byte[] target, int offset, int length) throws IOException {
        try {
            return content.read(target, offset, length);
        } catch (IOException e) { // the inflater's messages name neither file nor entry
            throw new IOException(source + " is damaged: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        inflater.end();
    }

    /** A range of the file as it is. Reads by position, so that several entries can be read in turn. */
    private static final class Stored extends InputStream {
        private final FileChannel channel;
        private final long end;
        private long position;

        Stored(FileChannel channel, long position, long end) {
            this.channel = channel;
            this.position = position;
            this.end = end;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            int wanted = (int) Math.min(Math.min(length, BUFFER_BYTES), end - position);
            int count = wanted == 0 ? -1 : channel.read(ByteBuffer.wrap(target, offset, wanted), position);
            position += Math.max(count, 0);
            return count;
        }
    }
}
