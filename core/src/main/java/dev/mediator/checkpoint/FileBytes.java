package dev.mediator.checkpoint;

import dev.mediator.file.FileNature;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;

/** Any bytes of an open file, by their position. */
final class FileBytes {
    private static final int MOST_AT_ONCE = 1 << 16;

    private final SeekableByteChannel channel;
    private final long size;

    FileBytes(SeekableByteChannel channel) throws IOException {
        this.channel = channel;
        this.size = channel.size();
    }

    /** How many bytes the file has. */
    long size() {
        return size;
    }

    /** Bytes that must be there, little-endian. */
    ByteBuffer read(long position, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        channel.position(position);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("file ends after " + (position + buffer.position()) + " bytes");
            }
        }
        return buffer.flip();
    }

    /** The first bytes, as many as there are up to a count. */
    ByteBuffer start(int count) throws IOException {
        return read(0, (int) Math.min(count, size));
    }

    /** What the file is, for the end of a message, if {@link FileNature} knows it. */
    String nature() throws IOException {
        ByteBuffer start = start(FileNature.START_BYTES);
        byte[] bytes = new byte[start.remaining()];
        start.get(bytes);
        return FileNature.suffix(bytes);
    }

    /** The bytes of a range one after the other; read large pieces, nothing is buffered. */
    InputStream stream(FileRange range) {
        return new InputStream() {
            private long position = range.begin();

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                if (length == 0) {
                    return 0;
                }
                // Java copies what goes to an array through memory of this size outside of its heap, and keeps that.
                int count = (int) Math.min(Math.min(length, MOST_AT_ONCE), range.end() - position);
                if (count <= 0) {
                    return -1;
                }
                channel.position(position);
                int read = channel.read(ByteBuffer.wrap(target, offset, count));
                position += Math.max(0, read);
                return read;
            }
        };
    }
}
