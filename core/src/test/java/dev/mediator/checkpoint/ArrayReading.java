package dev.mediator.checkpoint;

import dev.mediator.process.CountedReader;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;

/** Opens an archive of numpy and reads every array of up to a megabyte. */
public final class ArrayReading implements CountedReader {
    private static final long MOST_BYTES = 1 << 20;

    public ArrayReading() {}

    @Override
    public void read(Path path) throws IOException {
        try (NpzFile file = NpzFile.open(path);
                Scope scope = Scope.open()) {
            for (String name : file.names()) {
                file.read(name, MOST_BYTES);
            }
        }
    }
}
