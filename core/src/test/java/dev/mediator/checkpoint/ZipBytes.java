package dev.mediator.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;

/** Writes zip archives by hand; fields can be overwritten afterwards, so that the archive lies. */
@SuppressWarnings("ByteBufferBackingArray") // all buffers here are allocated, see buffer()
final class ZipBytes {
    /** Fields of an entry in the directory. */
    static final int STORED_SIZE = 20;

    static final int SIZE = 24;
    static final int HEADER_OFFSET = 42;

    /** Fields of the end record. */
    static final int COUNT = 8;

    static final int TOTAL_COUNT = 10;
    static final int COMMENT_BYTES = 20;

    private final ByteArrayOutputStream file = new ByteArrayOutputStream();
    private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
    private final List<Integer> headers = new ArrayList<>();
    private final List<Integer> centrals = new ArrayList<>();
    private byte[] bytes = new byte[0];

    /** What PyTorch writes for a pickle without storages. */
    static byte[] torch(byte[] pickle) {
        return new ZipBytes().add("archive/data.pkl", pickle).end().bytes();
    }

    ZipBytes add(String name, byte[] content) {
        return add(name, content, 0, content.length);
    }

    ZipBytes addDeflated(String name, byte[] content) {
        return add(name, deflate(content), 8, content.length);
    }

    static byte[] deflate(byte[] content) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(content);
        deflater.finish();
        byte[] compressed = new byte[content.length + 100];
        int length = deflater.deflate(compressed);
        deflater.end();
        return Arrays.copyOf(compressed, length);
    }

    ZipBytes add(String name, byte[] stored, int method, long size) {
        byte[] rawName = name.getBytes(StandardCharsets.UTF_8);
        headers.add(file.size());
        centrals.add(directory.size());
        ByteBuffer local = buffer(30);
        local.putInt(0x04034b50).putShort((short) 20).putShort((short) 0).putShort((short) method);
        local.position(18);
        local.putInt(stored.length).putInt((int) size).putShort((short) rawName.length);
        ByteBuffer central = buffer(46);
        central.putInt(0x02014b50).putShort((short) 20).putShort((short) 20).putShort((short) 0);
        central.putShort((short) method).position(20);
        central.putInt(stored.length).putInt((int) size).putShort((short) rawName.length);
        central.putInt(HEADER_OFFSET, file.size());
        file.writeBytes(local.array());
        file.writeBytes(rawName);
        file.writeBytes(stored);
        directory.writeBytes(central.array());
        directory.writeBytes(rawName);
        return this;
    }

    /** Writes directory and end record; from now on fields can be overwritten. */
    ZipBytes end() {
        ByteBuffer end = buffer(22);
        end.putInt(0x06054b50).putInt(0);
        end.putShort((short) headers.size()).putShort((short) headers.size());
        end.putInt(directory.size()).putInt(file.size());
        file.writeBytes(directory.toByteArray());
        file.writeBytes(end.array());
        bytes = file.toByteArray();
        return this;
    }

    ZipBytes inDirectory(int entry, int field, int value) {
        return set(bytes.length - 22 - directory.size() + centrals.get(entry) + field, field < 20 ? 2 : 4, value);
    }

    ZipBytes inHeader(int entry, int field, int value) {
        return set(headers.get(entry) + field, field < 10 ? 2 : 4, value);
    }

    /** A byte of the name before the data. */
    ZipBytes inHeaderName(int entry, int index, char c) {
        bytes[headers.get(entry) + 30 + index] = (byte) c;
        return this;
    }

    ZipBytes inEnd(int field, int value) {
        return set(bytes.length - 22 + field, field < 12 || field == COMMENT_BYTES ? 2 : 4, value);
    }

    private ZipBytes set(int at, int size, int value) {
        ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (size == 2) {
            all.putShort(at, (short) value);
        } else {
            all.putInt(at, value);
        }
        return this;
    }

    byte[] bytes() {
        return bytes;
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
