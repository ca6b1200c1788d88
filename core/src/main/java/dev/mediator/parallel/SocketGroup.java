package dev.mediator.parallel;

import dev.mediator.tensor.ComputeDevice;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Processes that are connected: a star for small things, a ring for tensors of the host, NCCL for those of cards. */
final class SocketGroup implements ProcessGroup {
    /** All are there and listen already when the ring is made. */
    private static final Duration RING_PATIENCE = Duration.ofMinutes(1);

    private final Member member;
    private final ComputeDevice device;
    private final Star star;
    private final Ring ring;
    private final @Nullable Cards cards;

    private SocketGroup(Member member, ComputeDevice device, Star star, Ring ring, @Nullable Cards cards) {
        this.member = member;
        this.device = device;
        this.star = star;
        this.ring = ring;
        this.cards = cards;
    }

    /**
     * Adds ring and cards to a star.
     *
     * @param machineOfFirst process 0's machine as this process sees it
     */
    static ProcessGroup connect(
            Member member,
            ComputeDevice device,
            Star star,
            JoinListener ringDoor,
            Invitation invitation,
            InetAddress machineOfFirst)
            throws IOException {
        Deadline deadline = Deadline.in(RING_PATIENCE);
        Ring ring = ring(member, ringDoor, invitation.places().get(member.next().rank()), machineOfFirst, deadline);
        try {
            Cards cards = device.isHost() ? null : Cards.connect(member, star, machineOfFirst);
            return new GuardedGroup(new SocketGroup(member, device, star, ring, cards));
        } catch (IOException | RuntimeException e) {
            ring.close();
            throw e;
        }
    }

    private static Ring ring(
            Member member, JoinListener listener, Invitation.Place place, InetAddress machineOfFirst, Deadline deadline)
            throws IOException {
        InetAddress machineOfNext = place.seenFrom(machineOfFirst);
        Link toNext = new Link(Connector.once(machineOfNext, place.port(), deadline), member.next());
        try {
            toNext.write(
                    ByteBuffer.allocate(Integer.BYTES).putInt(member.rank()).flip());
            SocketChannel channel = listener.accept(deadline, Watch.NONE);
            if (channel == null) {
                throw new IOException(member.previous() + " has not connected to " + member + " within " + deadline);
            }
            Link fromPrevious = new Link(channel, member.previous());
            if (fromPrevious.readInt() != member.previous().rank()) {
                throw new IOException("a stranger has connected to " + member + " instead of " + member.previous());
            }
            return new Ring(member, fromPrevious, toNext);
        } catch (IOException e) {
            toNext.close();
            throw e;
        }
    }

    @Override
    public Member member() {
        return member;
    }

    @Override
    public ComputeDevice device() {
        return device;
    }

    @Override
    public void sum(Tensor tensor) throws LostProcessException {
        if (cards != null && tensor.is_cuda()) {
            cards.sum(tensor);
        } else {
            ring.sum(tensor);
        }
    }

    @Override
    public void broadcast(Tensor tensor) throws LostProcessException {
        if (cards != null && tensor.is_cuda()) {
            cards.broadcast(tensor);
        } else {
            ring.broadcast(tensor);
        }
    }

    @Override
    public double[] sum(double... values) throws LostProcessException {
        return star.sum(values);
    }

    @Override
    public String fromFirst(String text) throws LostProcessException {
        return star.fromFirst(text);
    }

    @Override
    public void close() {
        star.close();
        ring.close();
        if (cards != null) {
            cards.close();
        }
    }
}
