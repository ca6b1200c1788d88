package dev.mediator.app.bench;

import dev.mediator.tensor.ComputeDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The largest amount of memory that was held where a work computes: on a card by tensors, on the host by the whole process, as
 * Linux counts what is resident.
 *
 * @param device where the work computes
 */
record PeakMemory(ComputeDevice device) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final String RESET_PEAK = "5";

    /** Starts to count anew, from what is held now, where the system allows it. */
    void reset() {
        if (!device.isHost()) {
            device.resetPeakMemory();
            return;
        }
        try {
            Files.writeString(CLEAR, RESET_PEAK);
        } catch (IOException e) {
            // then the peak is that of the whole process, which is larger
        }
    }

    /** Bytes; empty on systems that do not tell. */
    OptionalLong bytes() {
        if (!device.isHost()) {
            return device.peakMemory();
        }
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D+", "")))
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
