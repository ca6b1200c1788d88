package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Quoted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipException;

/**
 * The entries of a zip archive (PKWARE's APPNOTE, with ZIP64) and where their bytes lie, so that they can be mapped. {@code
 * java.util.zip} tells neither where entries lie nor whether they overlap, which is how a small file unpacks to any size.
 *
 * <p>An archive says most things twice, in the directory at its end and in a header before each entry, and programs
 * differ in what they believe. Archives whose two accounts differ are refused, as are those in which entries overlap,
 * have the same name, or have names that lead out of a folder.
 */
final class ZipDirectory {
    private static final int END = 0x06054b50;
    private static final int END_64 = 0x06064b50;
    private static final int LOCATOR_64 = 0x07064b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END_BYTES = 22;
    private static final int LOCATOR_64_BYTES = 20;
    private static final int END_64_BYTES = 56;
    private static final int CENTRAL_BYTES = 46;
    private static final int MOST_COMMENT_BYTES = 0xffff;
    private static final int MOST_ENTRIES = 100_000;
    private static final int MOST_DIRECTORY_BYTES = 32 << 20;
    private static final int EXTRA_64 = 1;
    private static final long IN_EXTRA_64 = 0xffffffffL;

    private final FileBytes file;

    private ZipDirectory(FileBytes file) {
        this.file = file;
    }

    /**
     * Reads and checks all entries.
     *
     * @return name → entry, in the directory's order
     * @throws ZipException if the archive is broken or contradicts itself
     */
    static Map<String, ZipEntry> read(FileBytes file) throws IOException {
        return new ZipDirectory(file).entries();
    }

    /** True if the file begins as zip archives do. */
    static boolean begins(FileBytes file) throws IOException {
        ByteBuffer start = file.start(Integer.BYTES);
        return start.limit() == Integer.BYTES && start.getInt(0) == ZipEntryHeader.LOCAL;
    }

    private record Location(long begin, long bytes, long entries) {}

    private Map<String, ZipEntry> entries() throws IOException {
        Location directory = locate();
        if (directory.entries() > MOST_ENTRIES || directory.bytes() > MOST_DIRECTORY_BYTES) {
            throw new ZipException("it claims " + directory.entries() + " entries in " + directory.bytes()
                    + " bytes, allowed are " + MOST_ENTRIES);
        }
        ByteBuffer central = file.read(directory.begin(), (int) directory.bytes());
        List<ZipEntry> entries = new ArrayList<>();
        while (central.hasRemaining()) {
            entries.add(entry(central));
        }
        if (entries.size() != directory.entries()) {
            throw new ZipException("it claims " + directory.entries() + " entries and has " + entries.size());
        }
        requireApart(entries, directory.begin());
        Map<String, ZipEntry> byName = new LinkedHashMap<>();
        for (ZipEntry entry : entries) {
            if (byName.put(entry.name(), entry) != null) {
                throw new ZipException("two entries have the name " + Quoted.of(entry.name()));
            }
        }
        return byName;
    }

    /** The directory ends where the record begins that tells of it, and that record ends the file. */
    private Location locate() throws IOException {
        long end = findEnd();
        ByteBuffer record = file.read(end, END_BYTES);
        if (record.getShort(4) != 0 || record.getShort(6) != 0 || record.getShort(8) != record.getShort(10)) {
            throw new ZipException("it is a part of an archive of several files");
        }
        long locator = end - LOCATOR_64_BYTES;
        Location location;
        if (locator >= 0 && file.read(locator, 4).getInt() == LOCATOR_64) {
            long end64 = file.read(locator, LOCATOR_64_BYTES).getLong(8);
            location = locate64(end64, locator);
            requireSame(record.getShort(10) & 0xffffL, 0xffff, location.entries());
            requireSame(record.getInt(12) & IN_EXTRA_64, IN_EXTRA_64, location.bytes());
            requireSame(record.getInt(16) & IN_EXTRA_64, IN_EXTRA_64, location.begin());
            end = end64;
        } else {
            location = new Location(
                    record.getInt(16) & IN_EXTRA_64, record.getInt(12) & IN_EXTRA_64, record.getShort(10) & 0xffffL);
        }
        if (location.begin() < 0 || location.bytes() < 0 || location.begin() != end - location.bytes()) {
            throw new ZipException("its directory is not where its end says (truncated?)");
        }
        return location;
    }

    private Location locate64(long end64, long locator) throws IOException {
        if (end64 < 0 || end64 != locator - END_64_BYTES) {
            throw new ZipException("its ZIP64 record is not where its locator says");
        }
        ByteBuffer record = file.read(end64, END_64_BYTES);
        if (record.getInt(0) != END_64 || record.getLong(24) != record.getLong(32)) {
            throw new ZipException("its ZIP64 record is broken");
        }
        return new Location(record.getLong(48), record.getLong(40), record.getLong(32));
    }

    /** The short record either agrees with the long one or says that its field is too small. */
    private static void requireSame(long value, long tooSmall, long value64) throws ZipException {
        if (value != tooSmall && value != value64) {
            throw new ZipException("its two end records differ: " + value + " and " + value64);
        }
    }

    /** The last place where an end record fits whose comment reaches exactly to the end of the file. */
    private long findEnd() throws IOException {
        int tailBytes = (int) Math.min(file.size(), END_BYTES + MOST_COMMENT_BYTES);
        long tailStart = file.size() - tailBytes;
        ByteBuffer tail = file.read(tailStart, tailBytes);
        for (int at = tailBytes - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END && (tail.getShort(at + 20) & 0xffff) == tailBytes - END_BYTES - at) {
                return tailStart + at;
            }
        }
        throw new ZipException("its end, where the directory should be, is missing (truncated?)");
    }

    private ZipEntry entry(ByteBuffer central) throws IOException {
        if (central.remaining() < CENTRAL_BYTES || central.getInt(central.position()) != CENTRAL) {
            throw new ZipException("its directory is broken");
        }
        ByteBuffer fixed = central.slice(central.position(), CENTRAL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int nameBytes = fixed.getShort(28) & 0xffff;
        int extraBytes = fixed.getShort(30) & 0xffff;
        int commentBytes = fixed.getShort(32) & 0xffff;
        central.position(central.position() + CENTRAL_BYTES);
        if (central.remaining() < nameBytes + extraBytes + commentBytes) {
            throw new ZipException("its directory is broken");
        }
        byte[] name = new byte[nameBytes];
        central.get(name);
        ByteBuffer extra = central.slice(central.position(), extraBytes).order(ByteOrder.LITTLE_ENDIAN);
        central.position(central.position() + extraBytes + commentBytes);
        // In the ZIP64 field stand, in this order, those values that do not fit their own.
        ByteBuffer large = extra64(extra);
        long bytes = wide(fixed.getInt(24), large);
        long storedBytes = wide(fixed.getInt(20), large);
        long header = wide(fixed.getInt(42), large);
        if (fixed.getShort(34) != 0) {
            throw new ZipException("it is a part of an archive of several files");
        }
        return new ZipEntryHeader(file, requireName(name), fixed.getShort(8), fixed.getShort(10) & 0xffff, header)
                .locate(storedBytes, bytes, fixed.getInt(16) & 0xffffffffL);
    }

    private static ByteBuffer extra64(ByteBuffer extra) {
        while (extra.remaining() >= 4) {
            int id = extra.getShort() & 0xffff;
            int length = Math.min(extra.getShort() & 0xffff, extra.remaining());
            if (id == EXTRA_64) {
                return extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            }
            extra.position(extra.position() + length);
        }
        return ByteBuffer.allocate(0);
    }

    private static long wide(int value, ByteBuffer large) throws ZipException {
        long narrow = value & IN_EXTRA_64;
        if (narrow != IN_EXTRA_64) {
            return narrow;
        }
        if (large.remaining() < Long.BYTES) {
            throw new ZipException("its directory lacks a ZIP64 field");
        }
        long wide = large.getLong();
        if (wide < 0) {
            throw new ZipException("its directory claims " + Long.toUnsignedString(wide) + " bytes");
        }
        return wide;
    }

    /** Names are paths below the archive's root. Nothing is unpacked here, but such names have no honest use. */
    private static String requireName(byte[] bytes) throws ZipException {
        String name;
        try {
            name = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ZipException("an entry's name is not UTF-8");
        }
        boolean leadsOut = name.startsWith("/")
                || name.indexOf('\\') >= 0
                || name.matches("[A-Za-z]:.*")
                || name.chars().anyMatch(c -> c < ' ')
                || List.of(name.split("/", -1)).contains("..");
        if (name.isEmpty() || leadsOut) {
            throw new ZipException("an entry has the name '" + Quoted.of(name) + "', which is no path in an archive");
        }
        return name;
    }

    private static void requireApart(List<ZipEntry> entries, long directory) throws ZipException {
        List<ZipEntry> inOrder = new ArrayList<>(entries);
        inOrder.sort(Comparator.comparingLong(ZipEntry::header));
        long end = 0;
        for (ZipEntry entry : inOrder) {
            if (entry.header() < end || entry.data().end() > directory) {
                throw new ZipException("entry " + Quoted.of(entry.name()) + " overlaps another or the directory");
            }
            end = entry.data().end();
        }
    }
}
