package dev.mediator.fuzz;

import dev.mediator.checkpoint.TensorReading;

/** Whole files: zip archives, legacy PyTorch files, safetensors and their indices. */
public final class TensorFileFuzzer {
    private TensorFileFuzzer() {}

    /** What Jazzer calls. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzedFile.read(data, TensorReading.class);
    }
}
