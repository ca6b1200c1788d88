package dev.mediator.process;

import java.io.IOException;
import java.nio.file.Path;

/** Reads a file in a package whose work is counted, see {@link CountedWork}. */
@FunctionalInterface
public interface CountedReader {
    /** @throws IOException if the file is refused */
    void read(Path file) throws IOException;
}
