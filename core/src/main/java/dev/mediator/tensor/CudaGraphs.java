package dev.mediator.tensor;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.cuda.CUDAGuard;
import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.cuda.CUDAStreamGuard;
import org.bytedeco.pytorch.cuda.DeviceAssertionsDataVectorCUDAKernelLaunchInfoVectorPair;
import org.bytedeco.pytorch.cuda.StreamFilter;
import org.bytedeco.pytorch.global.torch_cuda;
import org.jspecify.annotations.Nullable;

/**
 * Records computations of a card as CUDA graphs: hundreds of kernels become one launch, so that short ones need not wait for
 * the host between them.
 *
 * <p>A computation is recorded on a stream of the recorder's own, after it ran there once for what libraries prepare at first use.
 * All memory that it asks for while it is recorded comes from a pool of the recorder's own, which nothing else is given. The
 * recordings of one recorder share that pool, hence replays overwrite each other's results. A replay goes to the stream that the
 * calling thread computes on.
 *
 * <p>Other threads may compute on the card meanwhile: what is forbidden during a recording, such as waiting, is forbidden to its
 * thread only. But nobody may wait for the whole card ({@link ComputeDevice#await}), which ends the recording with an error.
 * A process makes one recording at a time.
 */
public final class CudaGraphs implements Recorder {
    private static final Object ONE_AT_A_TIME = new Object();

    /** Numbers of pools, far from libtorch's own, which count from 1. */
    private static final AtomicLong POOLS = new AtomicLong(1L << 62);

    private final byte card;
    private final CUDAStream stream;

    // A pool's number is a pair of integers, which libtorch's Java interface takes for another pair. Over memory of our
    // own that is
    // no more than a name; numbers that libtorch hands out would be freed as the other pair, which ends the process.
    private final LongPointer number;
    private final DeviceAssertionsDataVectorCUDAKernelLaunchInfoVectorPair pool;

    private final UseGuard guard = new UseGuard("the recorder of CUDA graphs");

    private CudaGraphs(ComputeDevice device) {
        card = (byte) device.index();
        try (Scope scope = Scope.open()) {
            stream = scope.release(torch_cuda.getStreamFromPool(false, card));
            number = scope.release(new LongPointer(POOLS.getAndIncrement(), 0));
            pool = scope.release(new DeviceAssertionsDataVectorCUDAKernelLaunchInfoVectorPair(number));
        }
        torch_cuda.createOrIncrefPool(card, pool); // for the recorder itself: a pool once given up cannot be used again
    }

    /**
     * A recorder of what a card computes.
     *
     * @throws IllegalArgumentException if the device is no card
     * @throws CudaException if a library is missing, or the card cannot be used
     */
    public static CudaGraphs on(ComputeDevice device) {
        requireCard(device);
        try {
            return new CudaGraphs(device);
        } catch (LinkageError e) {
            throw failure("their libraries do not load, " + firstLine(innermost(e)) + " (docs/platforms.md)", e);
        } catch (RuntimeException e) {
            throw failure(firstLine(e), e);
        }
    }

    /** @throws IllegalArgumentException if the device is no card */
    public static void requireCard(ComputeDevice device) {
        if (device.kind() != ComputeDevice.Kind.CUDA) {
            throw new IllegalArgumentException(
                    "CUDA graphs (--cuda-graphs) are for cards, but the device is '" + device + "'");
        }
    }

    @Override
    public Recording record(Supplier<Tensor> computation) {
        try (UseGuard.Use use = guard.use()) {
            return recordAlone(computation);
        }
    }

    private Recording recordAlone(Supplier<Tensor> computation) {
        synchronized (ONE_AT_A_TIME) {
            try (Scope scope = Scope.open()) {
                torch_cuda.getCurrentCUDAStream(card).synchronize(); // what will be read was written there
                try (CUDAStreamGuard onOwnStream = new CUDAStreamGuard(stream.unwrap())) {
                    run(computation);
                    stream.synchronize();
                    return recordNow(computation);
                }
            } catch (CudaException e) {
                throw e;
            } catch (RuntimeException e) {
                throw failure("recording failed, " + firstLine(e), e);
            }
        }
    }

    /** For what happens on the way only: its result is gone when the memory of the run is given back. */
    private static void run(Supplier<Tensor> computation) {
        try (Scope scope = Scope.open()) {
            Scope.keepResult(computation);
        }
    }

    private Recording recordNow(Supplier<Tensor> computation) {
        torch_cuda.getAllocator().emptyCache(); // what the first run has left would serve this stream only
        Allocations.ASKED.begin(stream);
        torch_cuda.beginAllocateToPool(card, pool, Allocations.ASKED); // holds the pool, from here to releasePool
        boolean recorded = false;
        try {
            Graph graph = capture(computation);
            recorded = true;
            return graph;
        } finally {
            torch_cuda.endAllocateToPool(card, pool);
            if (!recorded) {
                torch_cuda.getAllocator().releasePool(card, pool);
            }
        }
    }

    private Graph capture(Supplier<Tensor> computation) {
        require(
                "cudaStreamBeginCapture",
                cudart.cudaStreamBeginCapture(stream.stream(), cudart.cudaStreamCaptureModeThreadLocal));
        CUgraph_st graph = new CUgraph_st();
        OwnedTensor result = new OwnedTensor();
        boolean complete = false;
        try {
            int ended;
            try (Scope scope = Scope.open()) {
                result.set(computation.get());
            } finally {
                ended = cudart.cudaStreamEndCapture(
                        stream.stream(), graph); // else the stream could do nothing any more
            }
            require("cudaStreamEndCapture", ended);
            Allocations.ASKED.requireSome();
            CUgraphExec_st executable = new CUgraphExec_st();
            require("cudaGraphInstantiate", cudart.cudaGraphInstantiate(executable, graph, 0));
            complete = true;
            return new Graph(executable, result);
        } finally {
            if (!complete) {
                result.close();
                cudart.cudaGetLastError(); // reported here, it is nobody else's
            }
            if (!graph.isNull()) {
                cudart.cudaGraphDestroy(graph);
            }
        }
    }

    @Override
    public void close() {
        guard.close(() -> {
            torch_cuda.getAllocator().releasePool(card, pool);
            pool.close();
            number.close();
            stream.close();
        });
    }

    private final class Graph implements Recording {
        private final CUgraphExec_st executable;
        private final OwnedTensor result;
        private final UseGuard uses = new UseGuard("the recording");

        Graph(CUgraphExec_st executable, OwnedTensor result) {
            this.executable = executable;
            this.result = result;
        }

        @Override
        public Tensor replay() {
            try (UseGuard.Use use = uses.use();
                    Scope scope = Scope.open();
                    CUDAGuard onCard = new CUDAGuard(card)) {
                require(
                        "cudaGraphLaunch",
                        cudart.cudaGraphLaunch(executable, torch_cuda.getCurrentCUDAStream(card).stream()));
                return result.get();
            }
        }

        @Override
        public void close() {
            synchronized (ONE_AT_A_TIME) {
                uses.close(() -> {
                    try (Scope scope = Scope.open()) {
                        torch_cuda.getCurrentCUDAStream(card).synchronize(); // it may be running
                    }
                    cudart.cudaGraphExecDestroy(executable);
                    result.close();
                    torch_cuda.getAllocator().releasePool(card, pool);
                });
            }
        }
    }

    /** Which allocations belong to the recording that is made: libtorch asks on whichever thread allocates. */
    private static final class Allocations extends StreamFilter {
        static final Allocations ASKED = released();

        private volatile long stream;
        private volatile boolean some;

        private static Allocations released() {
            try (Scope scope = Scope.open()) {
                return scope.release(new Allocations());
            }
        }

        void begin(CUDAStream recording) {
            stream = recording.stream().address();
            some = false;
        }

        @Override
        public boolean call(@Nullable Pointer asking) {
            boolean ours = asking != null && asking.address() == stream;
            some |= ours;
            return ours;
        }

        /** Memory from elsewhere would be given to others too, whose values replays would then overwrite. */
        void requireSome() {
            if (!some) {
                throw failure("recording failed, its memory is not set apart", null);
            }
        }
    }

    private static void require(String call, int error) {
        if (error != cudart.cudaSuccess) {
            throw failure(call + ": " + cudart.cudaGetErrorString(error).getString(), null);
        }
    }

    private static CudaException failure(String reason, @Nullable Throwable cause) {
        return new CudaException("CUDA graphs (--cuda-graphs): " + reason, cause);
    }

    private static String firstLine(Throwable e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    /** The loader says first that it found nothing, and what was wrong with what it found last. */
    private static Throwable innermost(Throwable e) {
        return e.getCause() == null ? e : innermost(e.getCause());
    }
}
