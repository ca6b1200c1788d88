package dev.mediator.parallel;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * Process 0's answer once all have come: where each process is found in the ring.
 *
 * @param places by rank
 */
record Invitation(List<Place> places) {
    private static final int WELCOME = 1;
    private static final int MISTAKE = 2;
    private static final int GIVEN_UP = 3;

    /**
     * Where a process listens.
     *
     * @param host as process 0 sees it; empty if it is on the machine of process 0
     */
    record Place(String host, int port) {
        static Place of(InetAddress address, int port) {
            return new Place(address.isLoopbackAddress() ? "" : address.getHostAddress(), port);
        }

        /** @param machineOfFirst process 0's machine, as the one that asks sees it */
        InetAddress seenFrom(InetAddress machineOfFirst) throws IOException {
            return host.isEmpty() ? machineOfFirst : InetAddress.getByName(host);
        }
    }

    void write(Socket socket) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeLong(Hello.GREETING);
        out.writeInt(WELCOME);
        out.writeInt(places.size());
        for (Place place : places) {
            out.writeUTF(place.host);
            out.writeInt(place.port);
        }
        out.flush();
    }

    /** @param isMistake whether it is the settings that are wrong */
    static void refuse(Socket socket, String why, boolean isMistake) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeLong(Hello.GREETING);
        out.writeInt(isMistake ? MISTAKE : GIVEN_UP);
        out.writeUTF(why);
        out.flush();
    }

    /**
     * @throws IllegalArgumentException if process 0 says that the settings do not fit
     * @throws IOException if process 0 has given up, has gone, or is something else
     */
    static Invitation read(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        if (in.readLong() != Hello.GREETING) {
            throw new IOException("what answers there is not this program");
        }
        int kind = in.readInt();
        if (kind == MISTAKE) {
            throw new IllegalArgumentException(in.readUTF());
        } else if (kind != WELCOME) {
            throw new IOException(in.readUTF());
        }
        int size = new Member(0, in.readInt()).size();
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            places.add(new Place(in.readUTF(), in.readInt()));
        }
        return new Invitation(places);
    }
}
