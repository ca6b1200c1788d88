package dev.mediator.fuzz;

import dev.mediator.checkpoint.ArrayReading;

/** numpy's archives: directory, entries and the headers of arrays. */
public final class NumpyFuzzer {
    private NumpyFuzzer() {}

    /** What Jazzer calls. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzedFile.read(data, ArrayReading.class);
    }
}
