package dev.mediator.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedChannelException;
import java.util.zip.CRC32;

/**
 * The content of one entry of a zip archive, never more than the directory says. Whoever reads it to its end gets an error
 * if its checksum is wrong. Closing it leaves the archive open.
 */
final class ZipEntryStream extends InputStream {
    private final String source;
    private final ZipEntry entry;
    private final InputStream content;
    private final CRC32 crc = new CRC32();
    private long bytesLeft;

    ZipEntryStream(String source, FileBytes file, ZipEntry entry) {
        this.source = source;
        this.entry = entry;
        this.bytesLeft = entry.bytes();
        this.content = entry.stream(file);
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
        } catch (ClosedChannelException e) {
            throw e; // the file was closed
        } catch (IOException e) { // the inflater's messages name neither file nor entry
            throw new IOException(source + " is damaged: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        content.close();
    }
}
