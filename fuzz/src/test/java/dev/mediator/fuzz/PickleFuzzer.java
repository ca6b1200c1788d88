package dev.mediator.fuzz;

import dev.mediator.checkpoint.TensorReading;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Pickles in archives that are otherwise good and have some storages, so that tensors can come about. */
public final class PickleFuzzer {
    private static final int STORAGES = 40;
    private static final int STORAGE_BYTES = 96;

    private PickleFuzzer() {}

    /** What Jazzer calls. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzedFile.read(archive(data), TensorReading.class);
    }

    private static byte[] archive(byte[] pickle) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "a/data.pkl", pickle);
            for (int i = 0; i < STORAGES; i++) {
                store(zip, "a/data/" + i, new byte[STORAGE_BYTES >> (i % 6)]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        CRC32 crc = new CRC32();
        crc.update(content);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
