package dev.mediator.tensor;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
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
        NativeLibraries.load();
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
        int physical = physicalCores(Path.of("/sys/devices/system/cpu"));
        return physical == 0 ? logical : Math.min(logical, physical);
    }

    /** Cores that Linux describes in a folder; one that is offline has no topology. 0 if nothing is described. */
    static int physicalCores(Path processors) {
        Set<String> cores = new HashSet<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(processors, "cpu[0-9]*")) {
            for (Path folder : folders) {
                Path siblings = folder.resolve("topology/thread_siblings_list");
                if (Files.isReadable(siblings) && isOnline(folder)) {
                    cores.add(Files.readString(siblings).strip());
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return 0;
        }
        return cores.size();
    }

    /** Some processors, often the first, cannot be switched off and have no such file. */
    private static boolean isOnline(Path processor) throws IOException {
        Path online = processor.resolve("online");
        return !Files.isReadable(online) || !Files.readString(online).strip().equals("0");
    }
}
