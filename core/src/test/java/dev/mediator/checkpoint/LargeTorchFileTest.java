package dev.mediator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file over 4 GB, whose positions only ZIP64's fields can hold. It is sparse: nearly all of it is a hole. */
class LargeTorchFileTest {
    private static final long LARGE = 1L << 30; // floats
    private static final long LARGE_BYTES = 4 * LARGE;
    private static final int TOO_SMALL = -1;

    @TempDir
    private Path folder;

    private long at;

    @Test
    void storagesBeyondFourGigabytesAreMapped() throws IOException {
        Engine.start();
        Path path = folder.resolve("large.pt");
        write(path);

        try (TensorFile file = TensorFile.open(path);
                Scope scope = Scope.open()) {
            assertThat(file.bytes()).isGreaterThan(1L << 32);
            assertThat(Tensors.floats(file.get("small"))).containsExactly(1.5f, -2.5f);
            assertThat(Tensors.floats(file.get("last"))).containsExactly(7);
        }
    }

    private void write(Path path) throws IOException {
        byte[] pickle = PickleBytes.of(PickleBytes.protocol(2)
                .op('}', '(')
                .text("last")
                .tensor("0", LARGE, LARGE - 1, new long[] {1}, new long[] {1})
                .text("small")
                .tensor("1", 2, 0, new long[] {2}, new long[] {1})
                .op('u'));
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            long pickleAt = entry(channel, "large/data.pkl", pickle.length);
            at += channel.write(ByteBuffer.wrap(pickle), at);
            long largeAt = entry(channel, "large/data/0", LARGE_BYTES);
            channel.write(floats(7), at + LARGE_BYTES - 4);
            at += LARGE_BYTES;
            long smallAt = entry(channel, "large/data/1", 8);
            at += channel.write(floats(1.5f, -2.5f), at);
            long directory = at;
            central(channel, "large/data.pkl", pickle.length, pickleAt);
            central(channel, "large/data/0", LARGE_BYTES, largeAt);
            central(channel, "large/data/1", 8, smallAt);
            end(channel, directory);
        }
    }

    private long entry(FileChannel channel, String name, long size) throws IOException {
        long begin = at;
        ByteBuffer local = buffer(30 + name.length() + 20);
        local.putInt(0x04034b50).position(18);
        local.putInt(TOO_SMALL)
                .putInt(TOO_SMALL)
                .putShort((short) name.length())
                .putShort((short) 20);
        local.put(name.getBytes(StandardCharsets.US_ASCII));
        local.putShort((short) 1).putShort((short) 16).putLong(size).putLong(size);
        at += channel.write(local.rewind(), at);
        return begin;
    }

    private void central(FileChannel channel, String name, long size, long header) throws IOException {
        ByteBuffer central = buffer(46 + name.length() + 28);
        central.putInt(0x02014b50).position(20);
        central.putInt(TOO_SMALL)
                .putInt(TOO_SMALL)
                .putShort((short) name.length())
                .putShort((short) 28);
        central.putInt(42, TOO_SMALL).position(46);
        central.put(name.getBytes(StandardCharsets.US_ASCII));
        central.putShort((short) 1)
                .putShort((short) 24)
                .putLong(size)
                .putLong(size)
                .putLong(header);
        at += channel.write(central.rewind(), at);
    }

    private void end(FileChannel channel, long directory) throws IOException {
        long bytes = at - directory;
        ByteBuffer end = buffer(56 + 20 + 22);
        end.putInt(0x06064b50).putLong(44).position(24);
        end.putLong(3).putLong(3).putLong(bytes).putLong(directory);
        end.putInt(0x07064b50).putInt(0).putLong(at).putInt(1);
        end.putInt(0x06054b50).putInt(0).putShort((short) 3).putShort((short) 3);
        end.putInt((int) bytes).putInt(TOO_SMALL).putShort((short) 0);
        channel.write(end.rewind(), at);
    }

    private static ByteBuffer floats(float... values) {
        ByteBuffer bytes = buffer(4 * values.length);
        bytes.asFloatBuffer().put(values);
        return bytes;
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
