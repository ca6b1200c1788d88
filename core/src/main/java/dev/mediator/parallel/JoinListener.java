package dev.mediator.parallel;

import dev.mediator.tensor.Cancellation;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A port at which other processes ask to join. */
final class JoinListener implements AutoCloseable {
    private static final int POLL_MILLIS = 10;

    private final ServerSocketChannel server;

    private JoinListener(ServerSocketChannel server) {
        this.server = server;
    }

    /**
     * Opens a port.
     *
     * @param port 0 for any that is free
     * @param thisMachineOnly whether processes of other machines are kept out
     */
    static JoinListener open(int port, boolean thisMachineOnly) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(
                    thisMachineOnly
                            ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
                            : new InetSocketAddress(port));
            server.configureBlocking(false);
            return new JoinListener(server);
        } catch (BindException e) {
            server.close();
            throw new IOException(
                    "port " + port + " of this machine cannot be listened on (" + e.getMessage()
                            + "): choose another one, unless another training is running by mistake",
                    e);
        }
    }

    int port() throws IOException {
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    /** The next process that connects; null if none has until the deadline. One that has connected in time is let in, however late this
     * process gets to look. */
    @Nullable
    SocketChannel accept(Deadline deadline, Watch watch) throws IOException {
        while (true) {
            Cancellation.check();
            watch.check();
            boolean last = deadline.isOver();
            SocketChannel channel = server.accept();
            if (channel != null || last) {
                return channel;
            }
            pause(POLL_MILLIS);
        }
    }

    static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            Cancellation.check(); // which this thread then does not pass
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
