package dev.mediator.parallel;

import dev.mediator.tensor.Cancellation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;

/** Connects to a process that may not be there yet. */
final class Connector {
    private static final int PAUSE_MILLIS = 50;

    private Connector() {}

    /** Connects to a process that is there. */
    static SocketChannel once(InetAddress machine, int port, Deadline deadline) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.socket().connect(new InetSocketAddress(machine, port), Math.max(1, deadline.remainingMillis()));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Connects to process 0, trying again and again.
     *
     * @throws IOException if nobody opens until the deadline
     */
    static SocketChannel at(Address address, Deadline deadline) throws IOException {
        while (true) {
            Cancellation.check();
            try {
                return once(InetAddress.getByName(address.host()), address.port(), deadline);
            } catch (IOException e) {
                if (deadline.isOver()) {
                    String reason = e instanceof UnknownHostException ? "the host is unknown" : e.getMessage();
                    throw new IOException(
                            "process 0 cannot be reached at " + address + " within " + deadline + ": " + reason, e);
                }
            }
            JoinListener.pause(PAUSE_MILLIS);
        }
    }
}
