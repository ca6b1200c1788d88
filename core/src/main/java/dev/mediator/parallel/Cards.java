package dev.mediator.parallel;

import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.AllreduceOptions;
import org.bytedeco.pytorch.BroadcastOptions;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch_nccl;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;

/**
 * Tensors of cards, summed and broadcast by NCCL. The cards meet by a store that process 0 holds, and whose port it tells the
 * others.
 *
 * <p>NCCL does not always notice that a process has gone, and ends the program after a while. An update therefore begins with a
 * sum of the star, which does notice.
 */
final class Cards implements AutoCloseable {
    /** After which NCCL ends a program that waits for a process. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(30);

    // JavaCPP frees what nobody holds: the store must live as long as the cards' group.
    private final TCPStore store;
    private final ProcessGroupNCCL group;

    private Cards(TCPStore store, ProcessGroupNCCL group) {
        this.store = store;
        this.group = group;
    }

    /**
     * Connects this process's card with the others.
     *
     * @throws IOException if the natives have no NCCL, or the store cannot be reached
     */
    static Cards connect(Member member, Star star, InetAddress machineOfFirst) throws IOException {
        try {
            Loader.load(torch_nccl.class);
        } catch (LinkageError | TypeNotPresentException e) {
            throw new IOException(
                    "several cards need NCCL, which does not load: " + firstLine(e) + " (docs/platforms.md)", e);
        }
        TCPStore store = store(member, star, machineOfFirst);
        return new Cards(store, made("NCCL cannot be started", () -> {
            ProcessGroupNCCL.Options options = ProcessGroupNCCL.Options.create();
            options.timeout(new Milliseconds(LONGEST_WAIT.toMillis()));
            return new ProcessGroupNCCL(store, member.rank(), member.size(), options);
        }));
    }

    private static TCPStore store(Member member, Star star, InetAddress machineOfFirst) throws IOException {
        if (member.isFirst()) {
            TCPStore store = made("the cards' store cannot be opened", () -> open("localhost", 0, true));
            star.fromFirst(Integer.toString(Short.toUnsignedInt(store.getPort())));
            return store;
        }
        int port = Integer.parseInt(star.fromFirst(""));
        return made(
                "the cards' store of process 0 cannot be reached",
                () -> open(machineOfFirst.getHostAddress(), port, false));
    }

    private static TCPStore open(String host, int port, boolean isServer) {
        TCPStoreOptions options = new TCPStoreOptions();
        options.port((short) port)
                .isServer(isServer)
                .waitWorkers(false)
                .timeout(new Milliseconds(LONGEST_WAIT.toMillis()));
        return new TCPStore(host, options);
    }

    private static <P extends Pointer> P made(String failure, Supplier<P> making) throws IOException {
        try (Scope scope = Scope.open()) {
            return scope.release(making.get());
        } catch (RuntimeException e) {
            throw new IOException(failure + ": " + firstLine(e), e);
        }
    }

    void sum(Tensor tensor) throws LostProcessException {
        await(() -> group.allreduce(new TensorVector(tensor), new AllreduceOptions()));
    }

    void broadcast(Tensor tensor) throws LostProcessException {
        await(() -> group.broadcast(new TensorVector(tensor), new BroadcastOptions()));
    }

    /** Lets the card wait, not this thread: what it computes next comes after. */
    private static void await(Supplier<Work> operation) throws LostProcessException {
        try (Scope scope = Scope.open()) {
            operation.get()._wait();
        } catch (RuntimeException e) {
            throw new LostProcessException("the cards have lost each other: " + firstLine(e), e);
        }
    }

    private static String firstLine(Throwable failure) {
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    }

    @Override
    public void close() {
        group.abort(); // at an end that is not in order a shutdown would wait for those who have gone
        group.close();
        store.close();
    }
}
