package dev.mediator.fuzz;

import com.sun.management.ThreadMXBean;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.checkpoint.TensorFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Opens what a fuzzer made, and reads all of it, within the limits that hold for any file. */
final class FuzzedFile {
    private static final int ATTEMPTS = 2;
    private static final long MOST_BYTES = 100_000_000;

    /** Instrumented code is several times slower. */
    private static final long MOST_NANOS = 4_000_000_000L;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Path FOLDER = newFolder();
    private static final Path FILE = FOLDER.resolve("fuzzed");

    static {
        Engine.start(1);
    }

    private FuzzedFile() {}

    /** In memory, with a good file that an index may name. */
    private static Path newFolder() {
        try {
            Path memory = Path.of("/dev/shm");
            Path folder = Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "fuzzed")
                    : Files.createTempDirectory("fuzzed");
            Path good = folder.resolve("y.safetensors");
            try (Scope scope = Scope.open()) {
                SafeTensorsWriter.write(good, Map.of("x", Tensors.zeros(DType.F32, 2)), Map.of());
            }
            for (Path path : List.of(folder, good, folder.resolve("fuzzed"))) {
                path.toFile().deleteOnExit(); // in reverse order
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a file, which may refuse to be one. */
    interface Reader {
        void read(Path file) throws IOException;
    }

    /** What exceeds a limit gets a second try: the first use of a class loads and instruments it. */
    static void read(byte[] bytes, Reader reader) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (isWithinLimits(bytes, reader)) {
                return;
            }
        }
        throw new AssertionError("reading took more than " + MOST_BYTES + " bytes or " + MOST_NANOS + " ns");
    }

    /** Uses every tensor of a file. */
    static void tensors(Path path) throws IOException {
        try (TensorFile file = TensorFile.open(path);
                Scope scope = Scope.open()) {
            for (TensorEntry entry : file.entries()) {
                file.get(entry.name()).sum().close();
            }
        }
    }

    private static boolean isWithinLimits(byte[] bytes, Reader reader) {
        long thread = Thread.currentThread().getId();
        long allocated = THREADS.getThreadAllocatedBytes(thread);
        long start = System.nanoTime();
        open(bytes, reader);
        return THREADS.getThreadAllocatedBytes(thread) - allocated <= MOST_BYTES
                && System.nanoTime() - start <= MOST_NANOS;
    }

    private static void open(byte[] bytes, Reader reader) {
        try {
            Files.write(FILE, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            reader.read(FILE);
        } catch (IOException refused) {
            requireOneLine(refused);
        }
    }

    private static void requireOneLine(IOException refused) {
        String message = String.valueOf(refused.getMessage());
        if (!message.startsWith(FOLDER.toString()) || message.lines().count() != 1) {
            throw new AssertionError("not one line that names the file: " + message, refused);
        }
    }
}
