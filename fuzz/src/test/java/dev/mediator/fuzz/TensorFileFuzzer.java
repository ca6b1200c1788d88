package dev.mediator.fuzz;

/** Whole files: zip archives, legacy PyTorch files, safetensors and their indices. */
public final class TensorFileFuzzer {
    private TensorFileFuzzer() {}

    /** What Jazzer calls. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzedFile.read(data, FuzzedFile::tensors);
    }
}
