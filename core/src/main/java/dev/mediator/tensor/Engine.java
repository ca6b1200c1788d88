package dev.mediator.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/**
 * Loads libtorch and sets its threads, once per process and before any other call of this library.
 *
 * <p>libtorch comes with two thread pools: OpenMP (its own loops and oneDNN) and OpenBLAS's own threads. Left alone
 * they fight for the cores, since OpenMP threads spin for a while after each region, and fp32 products become several
 * times slower. Here OpenBLAS gets one thread, and large fp32 products go through oneDNN instead ({@link Ops#linear}),
 * so that there is one pool and no environment variable is needed.
 */
public final class Engine {
    private static final boolean FAST_BF16 = findFastBf16();
    private static boolean started;

    private Engine() {}

    /** Starts the engine with one thread per physical core; does nothing when it runs already. */
    public static synchronized void start() {
        if (!started) {
            start(physicalCores());
        }
    }

    /**
     * Starts the engine, or changes its thread count.
     *
     * @param threads threads of one operation, at least 1
     */
    public static synchronized void start(int threads) {
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("threads is " + threads + ", allowed are 1 to 1024");
        }
        torch.set_num_threads(threads);
        openblas_nolapack.blas_set_num_threads(1);
        started = true;
    }

    /** Threads that one operation uses. */
    public static int threads() {
        start();
        return torch.get_num_threads();
    }

    /** True if this CPU multiplies bf16 matrices in hardware (AVX512-BF16 or AMX), so that bf16 is faster than fp32. */
    public static boolean hasFastBf16() {
        return FAST_BF16;
    }

    private static boolean findFastBf16() {
        Path cpuInfo = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(cpuInfo)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(cpuInfo)) {
            return lines.anyMatch(
                    line -> line.startsWith("flags") && (line.contains("avx512_bf16") || line.contains("amx_bf16")));
        } catch (IOException e) {
            return false;
        }
    }

    /** Physical cores of this machine as far as this process may use them; hyper-threads do not count. */
    public static int physicalCores() {
        int logical = Runtime.getRuntime().availableProcessors();
        Path topology = Path.of("/sys/devices/system/cpu");
        Set<String> cores = new HashSet<>();
        for (int cpu = 0; cpu < 4096; cpu++) {
            Path siblings = topology.resolve("cpu" + cpu + "/topology/thread_siblings_list");
            if (!Files.isReadable(siblings)) {
                break;
            }
            try {
                cores.add(Files.readString(siblings).strip());
            } catch (IOException e) {
                return logical;
            }
        }
        return cores.isEmpty() ? logical : Math.min(logical, cores.size());
    }
}
