package dev.mediator.checkpoint;

import dev.mediator.file.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes a zip archive whose entries may have any size, without time stamps, so that the same content gives the same bytes.
 * {@code java.util.zip} wants the checksum of a stored entry before its data; here sizes and checksum, always in 64-bit
 * fields, are put into the local header once the entry is complete.
 */
final class ZipWriter implements AutoCloseable {
    /** Up to here sizes and positions need no 64-bit fields. */
    static final long LIMIT_32 = 0xffffffffL;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final short VERSION = 45; // the first with 64-bit fields
    private static final short NAMES_ARE_UTF8 = 0x800;
    private static final int DATE_1980_01_01 = 0x0021_0000; // date in the upper half, time in the lower
    private static final int IN_EXTRA_FIELD = -1;
    private static final int LOCAL_BYTES = 30;
    private static final int EXTRA_64_BYTES = 20;
    private static final short PADDING = 0x4246; // "FB", as PyTorch calls its padding

    private final FileChannel channel;
    private final Compression compression;
    private final int alignment;
    private final long limit32;
    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final List<ZipEntry> entries = new ArrayList<>();
    private final CRC32 crc = new CRC32();
    private String name = "";
    private long headerStart;
    private long dataStart;
    private long bytes;

    /**
     * Starts an archive at the channel's position 0.
     *
     * @param alignment of which number of bytes the position of each entry's data is a multiple, 1 for any
     * @param limit32 from which size or position on the directory uses its 64-bit fields: {@link #LIMIT_32}, less in tests
     */
    ZipWriter(FileChannel channel, Compression compression, int alignment, long limit32) {
        this.channel = channel;
        this.compression = compression;
        this.alignment = alignment;
        this.limit32 = limit32;
    }

    /** Starts an entry; the one before must have ended. */
    void begin(String entryName) throws IOException {
        name = entryName;
        headerStart = channel.position();
        bytes = 0;
        crc.reset();
        deflater.reset();
        writeFully(localHeader(0, 0));
        dataStart = channel.position();
    }

    /** Adds to the entry. */
    void write(ByteBuffer content) throws IOException {
        bytes += content.remaining();
        crc.update(content.duplicate());
        if (compression == Compression.STORED) {
            WholeFile.writeFully(channel, content);
        } else {
            deflater.setInput(content);
            drain();
        }
    }

    /** Ends the entry. */
    void end() throws IOException {
        if (compression == Compression.DEFLATED) {
            deflater.finish();
            drain();
        }
        long end = channel.position();
        long compressed = end - dataStart;
        boolean isDeflated = compression == Compression.DEFLATED;
        entries.add(new ZipEntry(name, headerStart, new FileRange(dataStart, end), isDeflated, bytes, crc.getValue()));
        channel.position(headerStart);
        writeFully(localHeader(bytes, compressed));
        channel.position(end);
    }

    /** Writes the directory: the archive is complete. */
    void finish() throws IOException {
        long start = channel.position();
        for (ZipEntry entry : entries) {
            writeFully(directoryEntry(entry));
        }
        long length = channel.position() - start;
        if (start >= limit32 || length >= limit32 || entries.size() >= 0xffff) {
            writeFully(end64(start, length));
        }
        int count = Math.min(entries.size(), 0xffff);
        writeFully(buffer(22)
                .putInt(0x06054b50)
                .putInt(0)
                .putShort((short) count)
                .putShort((short) count)
                .putInt(length >= limit32 ? IN_EXTRA_FIELD : (int) length)
                .putInt(start >= limit32 ? IN_EXTRA_FIELD : (int) start)
                .putShort((short) 0));
    }

    @Override
    public void close() {
        deflater.end();
    }

    private ByteBuffer localHeader(long contentBytes, long compressedBytes) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        byte[] padding = padding(headerStart + LOCAL_BYTES + text.length + EXTRA_64_BYTES);
        return buffer(LOCAL_BYTES + text.length + EXTRA_64_BYTES + padding.length)
                .putInt(0x04034b50)
                .putShort(VERSION)
                .putShort(NAMES_ARE_UTF8)
                .putShort((short) compression.method())
                .putInt(DATE_1980_01_01)
                .putInt((int) crc.getValue())
                .putInt(IN_EXTRA_FIELD)
                .putInt(IN_EXTRA_FIELD)
                .putShort((short) text.length)
                .putShort((short) (EXTRA_64_BYTES + padding.length))
                .put(text)
                .putShort((short) 1)
                .putShort((short) 16)
                .putLong(contentBytes)
                .putLong(compressedBytes)
                .put(padding);
    }

    /** An extra field that ends where the data may begin; none if nothing is asked for. */
    private byte[] padding(long begin) {
        if (alignment == 1) {
            return new byte[0];
        }
        int zeros = (int) Math.floorMod(-(begin + 4), (long) alignment);
        return buffer(4 + zeros).putShort(PADDING).putShort((short) zeros).array();
    }

    private ByteBuffer directoryEntry(ZipEntry entry) {
        byte[] text = entry.name().getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream wide = new ByteArrayOutputStream();
        int shortBytes = narrow(entry.bytes(), wide);
        int shortCompressed = narrow(entry.data().bytes(), wide);
        int shortStart = narrow(entry.header(), wide);
        int extra = wide.size() == 0 ? 0 : 4 + wide.size();
        ByteBuffer buffer = buffer(46 + text.length + extra)
                .putInt(0x02014b50)
                .putShort(VERSION)
                .putShort(VERSION)
                .putShort(NAMES_ARE_UTF8)
                .putShort((short) compression.method())
                .putInt(DATE_1980_01_01)
                .putInt((int) entry.crc())
                .putInt(shortCompressed)
                .putInt(shortBytes)
                .putShort((short) text.length)
                .putShort((short) extra)
                .putShort((short) 0) // comment
                .putShort((short) 0) // disk
                .putShort((short) 0) // internal attributes
                .putInt(0) // external attributes
                .putInt(shortStart)
                .put(text);
        return extra == 0
                ? buffer
                : buffer.putShort((short) 1).putShort((short) wide.size()).put(wide.toByteArray());
    }

    /** The value if it fits 32 bits; if not, it goes into the extra field. */
    private int narrow(long value, ByteArrayOutputStream wide) {
        if (value < limit32) {
            return (int) value;
        }
        wide.writeBytes(buffer(8).putLong(value).array());
        return IN_EXTRA_FIELD;
    }

    private ByteBuffer end64(long start, long length) throws IOException {
        long here = channel.position();
        return buffer(56 + 20)
                .putInt(0x06064b50)
                .putLong(44)
                .putShort(VERSION)
                .putShort(VERSION)
                .putInt(0)
                .putInt(0)
                .putLong(entries.size())
                .putLong(entries.size())
                .putLong(length)
                .putLong(start)
                .putInt(0x07064b50)
                .putInt(0)
                .putLong(here)
                .putInt(1);
    }

    private void drain() throws IOException {
        byte[] packed = new byte[BUFFER_BYTES];
        int count = deflater.deflate(packed);
        while (count > 0) {
            WholeFile.writeFully(channel, ByteBuffer.wrap(packed, 0, count));
            count = deflater.deflate(packed);
        }
    }

    private void writeFully(ByteBuffer filled) throws IOException {
        WholeFile.writeFully(channel, filled.flip());
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
