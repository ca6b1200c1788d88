package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Quoted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.ZipException;

/**
 * An entry's local header, compared with what the directory says of the entry.
 *
 * @param flags the directory's
 * @param method the directory's: 0 stored, 8 deflated
 * @param begin where the directory has the header begin
 */
record ZipEntryHeader(FileBytes file, String name, int flags, int method, long begin) {
    static final int LOCAL = 0x04034b50;
    private static final int LOCAL_BYTES = 30;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final int ENCRYPTED = 1;
    private static final int SIZES_FOLLOW = 8;
    private static final long IN_EXTRA_64 = 0xffffffffL;

    /** No deflated byte stands for more. */
    private static final long MOST_BYTES_OF_ONE = 1032;

    /**
     * The entry, once everything fits.
     *
     * @param storedBytes what the directory says that it takes
     * @param bytes what the directory says that it has
     * @param crc the directory's checksum
     */
    ZipEntry locate(long storedBytes, long bytes, long crc) throws IOException {
        if ((flags & ENCRYPTED) != 0) {
            throw new ZipException("entry " + Quoted.of(name) + " is encrypted");
        }
        if (method != STORED && method != DEFLATED) {
            throw new ZipException("entry " + Quoted.of(name) + " is compressed by the unknown method " + method);
        }
        if (method == STORED && storedBytes != bytes) {
            throw differ("size");
        }
        if (method == DEFLATED && bytes / MOST_BYTES_OF_ONE > storedBytes) {
            throw new ZipException(
                    "entry " + Quoted.of(name) + " claims " + bytes + " bytes, which cannot be in " + storedBytes);
        }
        byte[] rawName = name.getBytes(StandardCharsets.UTF_8);
        if (begin > file.size() - LOCAL_BYTES - rawName.length) {
            throw new ZipException("entry " + Quoted.of(name) + " lies outside of the file (truncated?)");
        }
        ByteBuffer local = file.read(begin, LOCAL_BYTES + rawName.length);
        if (local.getInt(0) != LOCAL) {
            throw new ZipException("entry " + Quoted.of(name) + " is not where the directory says");
        }
        requireSameName(local, rawName);
        requireSame(local, storedBytes, bytes);
        long data = begin + LOCAL_BYTES + rawName.length + (local.getShort(28) & 0xffff);
        if (data > file.size() || storedBytes > file.size() - data) {
            throw new ZipException("entry " + Quoted.of(name) + " claims " + storedBytes
                    + " bytes and does not fit the file (truncated?)");
        }
        return new ZipEntry(name, begin, new FileRange(data, data + storedBytes), method == DEFLATED, bytes, crc);
    }

    private void requireSameName(ByteBuffer local, byte[] rawName) throws ZipException {
        byte[] localName = new byte[local.getShort(26) & 0xffff];
        if (localName.length == rawName.length) {
            local.get(LOCAL_BYTES, localName);
        }
        if (!Arrays.equals(localName, rawName)) {
            throw differ("name");
        }
    }

    private void requireSame(ByteBuffer local, long storedBytes, long bytes) throws ZipException {
        if ((local.getShort(8) & 0xffff) != method) {
            throw differ("method");
        }
        requireSameSize(local, local.getInt(18) & IN_EXTRA_64, storedBytes);
        requireSameSize(local, local.getInt(22) & IN_EXTRA_64, bytes);
    }

    /** A header may leave the sizes out, when they were not known yet or are too large for it. */
    private void requireSameSize(ByteBuffer local, long size, long expected) throws ZipException {
        boolean follows = size == 0 && (local.getShort(6) & SIZES_FOLLOW) != 0;
        if (size != expected && size != IN_EXTRA_64 && !follows) {
            throw differ("size");
        }
    }

    private ZipException differ(String what) {
        return new ZipException(
                "entry " + Quoted.of(name) + " has one " + what + " in the directory and another" + " before its data");
    }
}
