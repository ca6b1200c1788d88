package dev.mediator.checkpoint;

import java.util.zip.ZipEntry;

/**
 * Where an entry of a zip archive lies.
 *
 * @param name the entry's name
 * @param method {@link ZipEntry#STORED} or {@link ZipEntry#DEFLATED}
 * @param crc CRC-32 of its content
 * @param compressedBytes bytes in the archive
 * @param bytes bytes of its content
 * @param headerStart where its local header starts in the file
 * @param dataStart where its data start in the file
 */
record ZipEntryRange(
        String name, int method, long crc, long compressedBytes, long bytes, long headerStart, long dataStart) {
    /** No deflate stream holds more than this per byte. */
    private static final long MAX_RATIO = 1032;

    /** First byte after the data. */
    long end() {
        return dataStart + compressedBytes;
    }

    /** True if the data can be as long as they are said to be. */
    boolean hasPossibleSize() {
        return method == ZipEntry.STORED ? bytes == compressedBytes : bytes / MAX_RATIO <= compressedBytes;
    }
}
