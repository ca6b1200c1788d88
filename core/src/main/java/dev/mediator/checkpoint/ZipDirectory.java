package dev.mediator.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;

/**
 * The directory of a zip archive (PKWARE's APPNOTE.TXT 6.3, with its 64-bit fields), checked: every entry lies inside the
 * file, overlaps no other and claims a size that its data can have. {@code java.util.zip} tells neither where entries lie nor
 * whether they overlap, which is how a small file unpacks to any size.
 */
final class ZipDirectory {
    private static final int END = 0x06054b50;
    private static final int END_64 = 0x06064b50;
    private static final int LOCATOR_64 = 0x07064b50;
    private static final int ENTRY = 0x02014b50;
    private static final int LOCAL = 0x04034b50;
    private static final int END_BYTES = 22;
    private static final int LOCATOR_64_BYTES = 20;
    private static final int END_64_BYTES = 56;
    private static final int ENTRY_BYTES = 46;
    private static final int LOCAL_BYTES = 30;
    private static final int MAX_COMMENT_BYTES = 0xffff;
    private static final int MAX_DIRECTORY_BYTES = 1 << 22;
    private static final long IN_EXTRA_FIELD = 0xffffffffL;

    private final String file;
    private final FileChannel channel;
    private final long fileBytes;

    private ZipDirectory(String file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        this.fileBytes = channel.size();
    }

    /** Where the directory lies: its start, its length and the first byte of what closes the archive. */
    private record Extent(long start, long bytes, long count, long end) {}

    /** The entries by name, in the order in which they lie in the file. */
    static Map<String, ZipEntryRange> read(String file, FileChannel channel) throws IOException {
        return new ZipDirectory(file, channel).entries();
    }

    private Map<String, ZipEntryRange> entries() throws IOException {
        Extent extent = extent();
        if (extent.start() < 0 || extent.bytes() < 0 || extent.start() > extent.end() - extent.bytes()) {
            throw malformed("its directory does not lie inside the file (truncated?)");
        }
        if (extent.bytes() > MAX_DIRECTORY_BYTES) {
            throw malformed("its directory has " + extent.bytes() + " bytes, allowed are " + MAX_DIRECTORY_BYTES);
        }
        ByteBuffer directory = bytes(extent.start(), (int) extent.bytes());
        List<ZipEntryRange> entries = new ArrayList<>();
        while (directory.remaining() >= ENTRY_BYTES) {
            entries.add(entry(directory, extent.start()));
        }
        if (directory.hasRemaining() || entries.size() != extent.count()) {
            throw malformed("its directory lists " + entries.size() + " entries, " + extent.count() + " are announced");
        }
        return byName(entries);
    }

    private Map<String, ZipEntryRange> byName(List<ZipEntryRange> entries) throws IOException {
        entries.sort(Comparator.comparingLong(ZipEntryRange::headerStart));
        Map<String, ZipEntryRange> byName = new LinkedHashMap<>();
        long previousEnd = 0;
        for (ZipEntryRange entry : entries) {
            if (entry.headerStart() < previousEnd) {
                throw malformed("its entry '" + entry.name() + "' overlaps another");
            }
            previousEnd = entry.end();
            if (byName.put(entry.name(), entry) != null) {
                throw malformed("it has two entries '" + entry.name() + "'");
            }
        }
        return byName;
    }

    private Extent extent() throws IOException {
        int tailBytes = (int) Math.min(fileBytes, END_BYTES + MAX_COMMENT_BYTES);
        ByteBuffer tail = bytes(fileBytes - tailBytes, tailBytes);
        for (int at = tailBytes - END_BYTES; at >= 0; at--) {
            boolean endsHere =
                    tail.getInt(at) == END && at + END_BYTES + Short.toUnsignedInt(tail.getShort(at + 20)) == tailBytes;
            if (endsHere) {
                long end = fileBytes - tailBytes + at;
                long count = Short.toUnsignedInt(tail.getShort(at + 10));
                long bytes = Integer.toUnsignedLong(tail.getInt(at + 12));
                long start = Integer.toUnsignedLong(tail.getInt(at + 16));
                boolean is64 = count == 0xffff || bytes == IN_EXTRA_FIELD || start == IN_EXTRA_FIELD;
                return is64 ? extent64(end) : new Extent(start, bytes, count, end);
            }
        }
        throw malformed("it has no directory at its end (truncated?)");
    }

    private Extent extent64(long end) throws IOException {
        long locatorStart = end - LOCATOR_64_BYTES;
        if (locatorStart < END_64_BYTES) {
            throw malformed("its 64-bit directory is missing");
        }
        ByteBuffer locator = bytes(locatorStart, LOCATOR_64_BYTES);
        long start = locator.getLong(8);
        if (locator.getInt(0) != LOCATOR_64 || start < 0 || start > locatorStart - END_64_BYTES) {
            throw malformed("its 64-bit directory is missing");
        }
        ByteBuffer found = bytes(start, END_64_BYTES);
        if (found.getInt(0) != END_64) {
            throw malformed("its 64-bit directory is missing");
        }
        return new Extent(found.getLong(48), found.getLong(40), found.getLong(32), start);
    }

    private ZipEntryRange entry(ByteBuffer directory, long directoryStart) throws IOException {
        int at = directory.position();
        int nameBytes = Short.toUnsignedInt(directory.getShort(at + 28));
        int extraBytes = Short.toUnsignedInt(directory.getShort(at + 30));
        int commentBytes = Short.toUnsignedInt(directory.getShort(at + 32));
        int length = ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
        if (directory.getInt(at) != ENTRY || length > directory.remaining()) {
            throw malformed("its directory is damaged");
        }
        byte[] text = new byte[nameBytes];
        directory.get(at + ENTRY_BYTES, text);
        String name = new String(text, StandardCharsets.UTF_8);
        if ((directory.getShort(at + 8) & 1) != 0) {
            throw malformed("its entry '" + name + "' is encrypted");
        }
        int method = Short.toUnsignedInt(directory.getShort(at + 10));
        if (method != ZipEntry.STORED && method != ZipEntry.DEFLATED) {
            throw malformed("its entry '" + name + "' is packed by method " + method + ", known are 0 (stored) and 8"
                    + " (deflated)");
        }
        long crc = Integer.toUnsignedLong(directory.getInt(at + 16));
        ByteBuffer extra =
                directory.slice(at + ENTRY_BYTES + nameBytes, extraBytes).order(ByteOrder.LITTLE_ENDIAN);
        long[] values = { // in the order of the 64-bit field
            Integer.toUnsignedLong(directory.getInt(at + 24)),
            Integer.toUnsignedLong(directory.getInt(at + 20)),
            Integer.toUnsignedLong(directory.getInt(at + 42))
        };
        widen(values, extra, name);
        directory.position(at + length);
        return located(name, method, crc, values, directoryStart);
    }

    /** Replaces the sizes and the position that do not fit 32 bits by those of the extra field 1. */
    private void widen(long[] values, ByteBuffer extra, String name) throws IOException {
        ByteBuffer wide = ByteBuffer.allocate(0);
        while (extra.remaining() >= 4) {
            int id = Short.toUnsignedInt(extra.getShort());
            int bytes = Math.min(Short.toUnsignedInt(extra.getShort()), extra.remaining());
            if (id == 1) {
                wide = extra.slice(extra.position(), bytes).order(ByteOrder.LITTLE_ENDIAN);
            }
            extra.position(extra.position() + bytes);
        }
        for (int i = 0; i < values.length; i++) {
            if (values[i] == IN_EXTRA_FIELD) {
                if (wide.remaining() < 8) {
                    throw malformed("its entry '" + name + "' lacks its 64-bit size");
                }
                values[i] = wide.getLong();
            }
        }
    }

    private ZipEntryRange located(String name, int method, long crc, long[] values, long directoryStart)
            throws IOException {
        long bytes = values[0];
        long compressed = values[1];
        long headerStart = values[2];
        boolean inside = bytes >= 0
                && compressed >= 0
                && headerStart >= 0
                && headerStart <= directoryStart - LOCAL_BYTES
                && compressed <= directoryStart - LOCAL_BYTES - headerStart;
        if (!inside) {
            throw malformed("its entry '" + name + "' does not lie inside the file (truncated?)");
        }
        ByteBuffer local = bytes(headerStart, LOCAL_BYTES);
        long dataStart = headerStart
                + LOCAL_BYTES
                + Short.toUnsignedInt(local.getShort(26))
                + Short.toUnsignedInt(local.getShort(28));
        if (local.getInt(0) != LOCAL || dataStart > directoryStart - compressed) {
            throw malformed("its entry '" + name + "' is not where the directory says");
        }
        ZipEntryRange entry = new ZipEntryRange(name, method, crc, compressed, bytes, headerStart, dataStart);
        if (!entry.hasPossibleSize()) {
            throw malformed("its entry '" + name + "' claims " + bytes + " bytes, which cannot be in " + compressed);
        }
        return entry;
    }

    private ByteBuffer bytes(long position, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException("file ends after " + (position + buffer.position()) + " bytes");
            }
        }
        return buffer.flip();
    }

    private IOException malformed(String what) {
        return new IOException(file + " is not a usable zip archive: " + NpyHeader.printable(what));
    }
}
