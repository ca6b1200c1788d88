package dev.mediator.fuzz;

import dev.mediator.checkpoint.NpzFile;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;

/** numpy's archives: directory, entries and the headers of arrays. */
public final class NumpyFuzzer {
    private static final long MOST_BYTES = 1 << 20;

    private NumpyFuzzer() {}

    /** What Jazzer calls. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzedFile.read(data, NumpyFuzzer::arrays);
    }

    private static void arrays(Path path) throws IOException {
        try (NpzFile file = NpzFile.open(path);
                Scope scope = Scope.open()) {
            for (String name : file.names()) {
                file.read(name, MOST_BYTES);
            }
        }
    }
}
