package dev.mediator.fuzz;

import dev.mediator.checkpoint.TensorReading;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Headers of safetensors files, with the right length before them and some data behind. */
public final class SafeTensorsFuzzer {
    private static final int DATA_BYTES = 48;

    private SafeTensorsFuzzer() {}

    /** What Jazzer calls. */
    public static void fuzzerTestOneInput(byte[] data) {
        ByteBuffer file = ByteBuffer.allocate(8 + data.length + DATA_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(data.length).put(data);
        FuzzedFile.read(file.array(), TensorReading.class);
    }
}
