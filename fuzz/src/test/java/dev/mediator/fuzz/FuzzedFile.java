package dev.mediator.fuzz;

import dev.mediator.checkpoint.ReadingLimits;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.process.CountedReader;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Opens what a fuzzer made, and reads all of it, within the limits that hold for any file. */
final class FuzzedFile {
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

    /**
     * Reads these bytes as a file: within the limits, or with a refusal of one line. What exceeds a limit gets a second try: the
     * first use of a class loads and instruments it.
     */
    static void read(byte[] bytes, Class<? extends CountedReader> reader) {
        try {
            Files.write(FILE, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            readFile(reader);
        } catch (AssertionError tooMuch) {
            readFile(reader);
        }
    }

    private static void readFile(Class<? extends CountedReader> reader) {
        try {
            ReadingLimits.read(reader, FILE);
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
