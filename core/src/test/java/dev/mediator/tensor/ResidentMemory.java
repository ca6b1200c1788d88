package dev.mediator.tensor;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of this process, to notice native memory that grows. */
public final class ResidentMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ResidentMemory() {}

    /** What the process holds now (VmRSS), in MB; the test is skipped where the system does not tell. */
    public static double megabytes() throws IOException {
        assumeTrue(Files.isReadable(STATUS), "only Linux tells how much memory a process holds");
        String line = Files.readAllLines(STATUS).stream()
                .filter(l -> l.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", "")) / 1000.0;
    }
}
