package dev.mediator.parallel;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;

/**
 * How a process introduces itself.
 *
 * @param rank which process it says it is
 * @param size how many it says there are
 * @param ringPort where its predecessor in the ring finds it
 */
record Hello(int rank, int size, int ringPort) {
    /** "Mediator", and the number of the version of what is said afterwards. */
    static final long GREETING = 0x4d65646961746f72L;

    private static final int VERSION = 1;

    /** A stranger that says nothing must not keep the others waiting. */
    private static final int SILENCE_MILLIS = 5000;

    void write(Socket socket) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeLong(GREETING);
        out.writeInt(VERSION);
        out.writeInt(rank);
        out.writeInt(size);
        out.writeInt(ringPort);
        out.flush();
    }

    /** @throws IOException if it is a stranger */
    static Hello read(Socket socket) throws IOException {
        socket.setSoTimeout(SILENCE_MILLIS);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        if (in.readLong() != GREETING || in.readInt() != VERSION) {
            throw new IOException("not a process of this program and version");
        }
        Hello hello = new Hello(in.readInt(), in.readInt(), in.readInt());
        socket.setSoTimeout(0);
        return hello;
    }
}
