package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mediator.checkpoint.Weights;
import dev.mediator.nn.MediatorCount;
import dev.mediator.process.ChildJvm;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loading a large network in fp32 from the system's cache: under 5 seconds, and in little more memory than its tensors
 * take. The file is a SiT-L/2 of 1.8 GB that is nearly all a hole; {@code -Dloading.file=FILE} takes another one.
 */
class LoadingTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final double MOST_SECONDS = 5;
    private static final double MOST_OVERHEAD = 1.3;

    @TempDir
    private Path folder;

    @Test
    void largeNetworksAreMappedNotCopied() throws Exception {
        assumeTrue(Files.isReadable(STATUS), "only Linux tells how much memory a process held at most");
        String given = System.getProperty("loading.file");
        Path file = given != null ? Path.of(given) : folder.resolve("large.safetensors");
        if (given == null) {
            List<MediatorCount> mediators = List.of(new MediatorCount(64));
            Map<String, long[]> shapes =
                    SparseNetwork.shapes(SitPreset.config("SiT-L/2", 32, 4, 1000, true, mediators));
            shapes.remove("pos_embed"); // zeros are not its values
            SparseNetwork.write(file, shapes);
        }
        Process process = ChildJvm.start(List.of("-Xmx256m", "-XX:+UseSerialGC"), LoadingTest.class, file);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        String[] answer = output.lines()
                .filter(line -> line.startsWith("loaded "))
                .findFirst()
                .orElseThrow()
                .split(" ", -1);
        double bytes = Double.parseDouble(answer[1]);
        if (given != null) {
            System.out.printf("%s: %.0f MB in %s s, peak %s MB%n", file, bytes / 1e6, answer[2], answer[3]);
        }
        assertThat(Double.parseDouble(answer[2])).as("seconds").isLessThan(MOST_SECONDS);
        assertThat(Double.parseDouble(answer[3])).as("peak in MB").isLessThan(MOST_OVERHEAD * bytes / 1e6);
    }

    /** The program that is measured: loads a network and reads every number of it. */
    public static void main(String[] args) throws IOException {
        Engine.start(1);
        warm(Path.of(args[0]));
        long start = System.nanoTime();
        long bytes = 0;
        try (Sit sit = SitCheckpoint.load(Path.of(args[0]), Weights.EMA, DType.F32)) {
            for (Tensor tensor : sit.parameters().values()) {
                try (Scope scope = Scope.open()) {
                    tensor.sum();
                    bytes += tensor.numel() * DType.F32.bytes();
                }
            }
            double seconds = (System.nanoTime() - start) * 1e-9;
            System.out.println("loaded " + bytes + " " + seconds + " " + peakMegabytes());
        }
    }

    /** What the system has not read yet is a matter of the disk, not of the program. */
    private static void warm(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }

    private static double peakMegabytes() throws IOException {
        String line = Files.readAllLines(STATUS).stream()
                .filter(l -> l.startsWith("VmHWM:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", "")) / 1000.0;
    }
}
