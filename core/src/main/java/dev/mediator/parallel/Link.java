package dev.mediator.parallel;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import jdk.net.ExtendedSocketOptions;

/**
 * A connection to another process. Waiting for it has no limit, since process 0 may be writing a large file: the system closes the
 * connection of a process that dies, and asks now and then whether the other machine is still there.
 */
final class Link implements AutoCloseable {
    /** After half a minute of silence six questions, ten seconds apart. */
    private static final Map<SocketOption<Integer>, Integer> ALIVE = Map.of(
            ExtendedSocketOptions.TCP_KEEPIDLE, 30,
            ExtendedSocketOptions.TCP_KEEPINTERVAL, 10,
            ExtendedSocketOptions.TCP_KEEPCOUNT, 6);

    private static final int LONGEST_TEXT = 64 << 20;

    private final SocketChannel channel;
    private final Member other;

    /** @param other the process at its other end */
    Link(SocketChannel channel, Member other) throws IOException {
        this.channel = channel;
        this.other = other;
        channel.configureBlocking(true);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        for (Map.Entry<SocketOption<Integer>, Integer> option : ALIVE.entrySet()) {
            if (channel.supportedOptions().contains(option.getKey())) {
                channel.setOption(option.getKey(), option.getValue());
            }
        }
    }

    /** The process at the other end. */
    Member other() {
        return other;
    }

    /** The machine at the other end, as this one sees it. */
    InetAddress address() throws IOException {
        return ((InetSocketAddress) channel.getRemoteAddress()).getAddress();
    }

    /** Sends all that is left in a buffer. */
    void write(ByteBuffer buffer) throws LostProcessException {
        try {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            throw lost(e);
        }
    }

    /** Fills what is left of a buffer. */
    void read(ByteBuffer buffer) throws LostProcessException {
        try {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    throw new EOFException("it closed the connection");
                }
            }
        } catch (IOException e) {
            throw lost(e);
        }
    }

    void writeInt(int value) throws LostProcessException {
        write(ByteBuffer.allocate(Integer.BYTES).putInt(value).flip());
    }

    int readInt() throws LostProcessException {
        ByteBuffer buffer = ByteBuffer.allocate(Integer.BYTES);
        read(buffer);
        return buffer.getInt(0);
    }

    void writeDoubles(double[] values) throws LostProcessException {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Double.BYTES);
        buffer.asDoubleBuffer().put(values);
        write(buffer);
    }

    double[] readDoubles(int count) throws LostProcessException {
        ByteBuffer buffer = ByteBuffer.allocate(count * Double.BYTES);
        read(buffer);
        double[] values = new double[count];
        buffer.flip().asDoubleBuffer().get(values);
        return values;
    }

    void writeText(String text) throws LostProcessException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        writeInt(bytes.length);
        write(ByteBuffer.wrap(bytes));
    }

    String readText() throws LostProcessException {
        int length = readInt();
        if (length < 0 || length > LONGEST_TEXT) {
            throw new LostProcessException(other + " sends something that is not a message");
        }
        byte[] bytes = new byte[length];
        read(ByteBuffer.wrap(bytes));
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private LostProcessException lost(IOException cause) {
        return new LostProcessException(other + " has gone: " + cause.getMessage(), cause);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
