package dev.mediator.parallel;

import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/** Large tensors of the host, from each process to the next. */
final class Ring implements AutoCloseable {
    /** Elements that are received before they are added, few enough to be in the cache still. */
    private static final int PIECE = 1 << 18;

    private static final int PIECE_BYTES = PIECE * Float.BYTES;

    private final Member member;
    private final Link previous;
    private final Link next;
    private final Tensor received; // [PIECE] fp32
    private final ExecutorService sender = Executors.newSingleThreadExecutor(Ring::daemon);

    Ring(Member member, Link previous, Link next) {
        this.member = member;
        this.previous = previous;
        this.next = next;
        try (Scope scope = Scope.open()) {
            received = scope.release(Tensors.empty(DType.F32, PIECE));
        }
    }

    /** What part of a tensor's memory, in bytes. */
    private record Section(long from, long to) {}

    /**
     * Adds up over all processes: first each section travels round, growing by what each process has of it, then the sums do.
     *
     * @param tensor contiguous fp32 on the host
     */
    void sum(Tensor tensor) throws LostProcessException {
        if (DType.of(tensor) != DType.F32) {
            throw new IllegalArgumentException("sums over processes are of fp32, this tensor is " + DType.of(tensor));
        }
        try (Scope scope = Scope.open()) {
            BytePointer memory = memory(tensor);
            Tensor flat = tensor.view(tensor.numel());
            for (int step = 0; step < member.size() - 1; step++) {
                Section growing = section(flat, member.rank() - step - 1);
                exchange(memory, section(flat, member.rank() - step), () -> add(flat, growing));
            }
            for (int step = 0; step < member.size() - 1; step++) {
                Section finished = section(flat, member.rank() - step);
                exchange(memory, section(flat, member.rank() - step + 1), () -> receive(memory, finished));
            }
        }
    }

    /** Overwrites a tensor with that of process 0, which each process hands on. */
    void broadcast(Tensor tensor) throws LostProcessException {
        BytePointer memory = memory(tensor);
        long size = memory.capacity();
        for (long from = 0; from < size; from += PIECE_BYTES) {
            Section piece = new Section(from, Math.min(size, from + PIECE_BYTES));
            if (!member.isFirst()) {
                receive(memory, piece);
            }
            if (!member.next().isFirst()) {
                write(memory, piece);
            }
        }
    }

    private static BytePointer memory(Tensor tensor) {
        if (!ComputeDevice.of(tensor).isHost()) {
            throw new IllegalArgumentException("this tensor is on " + ComputeDevice.of(tensor) + ", not on the host");
        }
        return Tensors.bytes(tensor);
    }

    /** The section of a tensor that is added up in the process before this one; ranks may run over. */
    private Section section(Tensor flat, int rank) {
        long number = Math.floorMod(rank, member.size());
        long from = flat.numel() * number / member.size();
        long to = flat.numel() * (number + 1) / member.size();
        return new Section(from * Float.BYTES, to * Float.BYTES);
    }

    private void add(Tensor flat, Section section) throws LostProcessException {
        for (long from = section.from; from < section.to; from += PIECE_BYTES) {
            int bytes = (int) Math.min(PIECE_BYTES, section.to - from);
            previous.read(buffer(Tensors.bytes(received), 0, bytes));
            try (Scope scope = Scope.open()) {
                long count = bytes / Float.BYTES;
                flat.narrow(0, from / Float.BYTES, count).add_(received.narrow(0, 0, count));
            }
        }
    }

    private void receive(BytePointer memory, Section section) throws LostProcessException {
        for (long from = section.from; from < section.to; from += PIECE_BYTES) {
            previous.read(buffer(memory, from, (int) Math.min(PIECE_BYTES, section.to - from)));
        }
    }

    /** What is done with what the previous process sends. */
    @FunctionalInterface
    private interface Receiving {
        void run() throws LostProcessException;
    }

    /** Sends one section while receiving another one. */
    private void exchange(BytePointer memory, Section sent, Receiving receiving) throws LostProcessException {
        Future<?> sending = sender.submit(() -> {
            write(memory, sent);
            return null;
        });
        try {
            receiving.run();
        } catch (LostProcessException | RuntimeException e) {
            next.close(); // the tensor may be freed now: nothing must be reading it
            sender.shutdown();
            awaitEnd(sending);
            throw e;
        }
        await(sending);
    }

    private void write(BytePointer memory, Section section) throws LostProcessException {
        for (long from = section.from; from < section.to; from += PIECE_BYTES) {
            next.write(buffer(memory, from, (int) Math.min(PIECE_BYTES, section.to - from)));
        }
    }

    private static ByteBuffer buffer(BytePointer memory, long from, int bytes) {
        BytePointer part = memory.getPointer(from);
        return part.capacity(bytes).asByteBuffer();
    }

    private static void await(Future<?> sending) throws LostProcessException {
        try {
            sending.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LostProcessException("interrupted while sending", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LostProcessException lost) {
                throw lost;
            }
            throw new IllegalStateException("sending failed: " + e.getCause(), e);
        }
    }

    private static void awaitEnd(Future<?> sending) {
        try {
            await(sending);
        } catch (LostProcessException | IllegalStateException e) {
            // why it was ended is known
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "ring-sender");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        previous.close();
        next.close(); // ends what the sender may be in
        sender.shutdown();
        received.close();
    }
}
