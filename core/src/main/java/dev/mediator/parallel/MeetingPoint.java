package dev.mediator.parallel;

import dev.mediator.tensor.ComputeDevice;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Where processes find each other: a port of process 0. They may come in any order, and before process 0 does. It is left open
 * until all have come, so that a process too many is told.
 *
 * <p>Any thread may use it; closing ends a gathering in progress with an {@link IllegalStateException}.
 */
public final class MeetingPoint implements AutoCloseable {
    private final JoinListener listener;
    private final boolean thisMachineOnly;
    private volatile boolean closed;

    private MeetingPoint(JoinListener listener, boolean thisMachineOnly) {
        this.listener = listener;
        this.thisMachineOnly = thisMachineOnly;
    }

    /**
     * Opens it, in process 0, for all who can reach this machine unless the address says otherwise.
     *
     * @throws IOException if the port is taken
     */
    public static MeetingPoint open(Address address) throws IOException {
        return new MeetingPoint(
                JoinListener.open(address.port(), address.isThisMachineOnly()), address.isThisMachineOnly());
    }

    /** Opens it at any free port, for processes of this machine only. */
    public static MeetingPoint openHere() throws IOException {
        return new MeetingPoint(JoinListener.open(0, true), true);
    }

    /** Where processes of this machine reach it. */
    public Address address() throws IOException {
        requireOpen();
        return new Address(InetAddress.getLoopbackAddress().getHostAddress(), listener.port());
    }

    /**
     * Waits for the others, as process 0.
     *
     * @param size how many there are, with this one
     * @param device where this process computes
     * @param patience how long they may take to come
     * @param watch asked while waiting
     * @throws IllegalArgumentException if one of them was told other numbers
     * @throws IOException if not all come
     */
    public ProcessGroup gather(int size, ComputeDevice device, Duration patience, Watch watch) throws IOException {
        requireOpen();
        try {
            return gathered(size, device, patience, watch);
        } catch (ClosedChannelException e) {
            requireOpen();
            throw e;
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the meeting point is closed");
        }
    }

    private ProcessGroup gathered(int size, ComputeDevice device, Duration patience, Watch watch) throws IOException {
        Member member = new Member(0, size);
        Deadline deadline = Deadline.in(patience);
        Map<Integer, Guest> guests = new TreeMap<>();
        try (JoinListener ringDoor = JoinListener.open(0, thisMachineOnly)) {
            while (guests.size() < size - 1) {
                receive(guests, size, deadline, watch);
            }
            List<Invitation.Place> places = new ArrayList<>(List.of(new Invitation.Place("", ringDoor.port())));
            for (Guest guest : guests.values()) {
                places.add(Invitation.Place.of(guest.channel.socket().getInetAddress(), guest.hello.ringPort()));
            }
            List<Link> links = new ArrayList<>();
            for (Guest guest : guests.values()) {
                new Invitation(places).write(guest.channel.socket());
                links.add(new Link(guest.channel, member.other(guest.hello.rank())));
            }
            return SocketGroup.connect(
                    member,
                    device,
                    new Star.Centre(links),
                    ringDoor,
                    new Invitation(places),
                    InetAddress.getLoopbackAddress());
        } catch (IOException | RuntimeException e) {
            refuse(guests, e);
            throw e;
        }
    }

    /** Somebody who came, and says nothing more until all have. */
    private record Guest(SocketChannel channel, Hello hello) {
        void requireAlive() throws IOException {
            try {
                channel.configureBlocking(false);
                try {
                    if (channel.read(ByteBuffer.allocate(1)) != 0) {
                        throw new IOException("it closed the connection");
                    }
                } finally {
                    channel.configureBlocking(true);
                }
            } catch (IOException e) {
                throw new IOException(
                        "process " + hello.rank() + " has gone before all had come: " + e.getMessage(), e);
            }
        }
    }

    private void receive(Map<Integer, Guest> guests, int size, Deadline deadline, Watch watch) throws IOException {
        SocketChannel channel = listener.accept(deadline, () -> {
            watch.check();
            for (Guest guest : guests.values()) {
                guest.requireAlive();
            }
        });
        if (channel == null) {
            List<Integer> missing = IntStream.range(1, size)
                    .filter(rank -> !guests.containsKey(rank))
                    .boxed()
                    .toList();
            throw new IOException((guests.size() + 1) + " of " + size + " processes have come within " + deadline
                    + ", missing are those of rank " + missing.toString().replaceAll("[\\[\\]]", ""));
        }
        Hello hello;
        try {
            channel.configureBlocking(true);
            hello = Hello.read(channel.socket());
        } catch (IOException e) {
            channel.close(); // a stranger
            return;
        }
        String mistake = mistake(hello, guests, size);
        if (!mistake.isEmpty()) {
            Invitation.refuse(channel.socket(), mistake, true);
            channel.close();
            throw new IllegalArgumentException(mistake);
        }
        guests.put(hello.rank(), new Guest(channel, hello));
    }

    private static String mistake(Hello hello, Map<Integer, Guest> guests, int size) {
        if (hello.size() != size) {
            return "process " + hello.rank() + " was told that there are " + hello.size()
                    + " processes, process 0 that there are " + size;
        } else if (hello.rank() == 0 || guests.containsKey(hello.rank())) {
            return "two processes were told that theirs is rank " + hello.rank();
        }
        return "";
    }

    private static void refuse(Map<Integer, Guest> guests, Exception why) {
        for (Guest guest : guests.values()) {
            try (SocketChannel channel = guest.channel) {
                Invitation.refuse(
                        channel.socket(), String.valueOf(why.getMessage()), why instanceof IllegalArgumentException);
            } catch (IOException e) {
                why.addSuppressed(e); // it has gone already
            }
        }
    }

    /**
     * Comes to a meeting point, as any process but 0, and waits for the others.
     *
     * @param address where process 0 is, or soon will be
     * @param member which process this is
     * @param device where this process computes
     * @param patience how long process 0 may take to be there, and all to come
     * @throws IllegalArgumentException if process 0 was told other numbers
     * @throws IOException if process 0 cannot be reached, or gives up waiting
     */
    public static ProcessGroup join(Address address, Member member, ComputeDevice device, Duration patience)
            throws IOException {
        Deadline deadline = Deadline.in(patience);
        SocketChannel channel = Connector.at(address, deadline);
        try (JoinListener ringDoor = JoinListener.open(0, address.isThisMachineOnly())) {
            Invitation invitation =
                    introduce(channel, new Hello(member.rank(), member.size(), ringDoor.port()), address);
            Link first = new Link(channel, member.other(0));
            return SocketGroup.connect(member, device, new Star.Point(first), ringDoor, invitation, first.address());
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static Invitation introduce(SocketChannel channel, Hello hello, Address address) throws IOException {
        try {
            hello.write(channel.socket());
            return Invitation.read(channel.socket());
        } catch (IOException e) {
            String reason = e.getMessage() == null ? "it closed the connection" : e.getMessage();
            throw new IOException("process " + hello.rank() + " cannot join at " + address + ": " + reason, e);
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        listener.close();
    }
}
