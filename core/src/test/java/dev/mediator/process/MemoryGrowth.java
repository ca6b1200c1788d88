package dev.mediator.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mediator.tensor.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How much a loop's memory grows, in a process whose Java heap has one size from the start: what grows there is native
 * memory.
 */
public final class MemoryGrowth {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String ANSWER = "growth ";
    private static final List<String> FIXED_HEAP =
            List.of("-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private MemoryGrowth() {}

    /** Growth in MB over the iterations of a body after those of the warm-up. */
    public static double megabytes(Class<? extends LoopBody> body, int warmUp, int iterations) throws Exception {
        return megabytes(MemoryGrowth.class, body.getName(), warmUp, iterations);
    }

    /**
     * What a program reports as its growth in MB; the test is skipped where the system does not tell how much memory a
     * process holds.
     */
    public static double megabytes(Class<?> program, Object... arguments) throws Exception {
        assumeTrue(Files.isReadable(STATUS), "only Linux tells how much memory a process holds");
        Process process = ChildJvm.start(FIXED_HEAP, program, arguments);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        String answer = output.lines()
                .filter(line -> line.startsWith(ANSWER))
                .findFirst()
                .orElseThrow();
        return Double.parseDouble(answer.substring(ANSWER.length()));
    }

    /** The program for a {@link LoopBody}: its class, iterations of the warm-up, iterations. */
    public static void main(String[] args) throws Exception {
        Engine.start(1);
        Class<? extends LoopBody> kind = Class.forName(args[0]).asSubclass(LoopBody.class);
        try (LoopBody body = kind.getDeclaredConstructor().newInstance()) {
            repeat(body, Integer.parseInt(args[1]));
            double before = residentMegabytes();
            repeat(body, Integer.parseInt(args[2]));
            report(residentMegabytes() - before);
        }
    }

    /** Tells the test that waits for this process. */
    public static void report(double megabytes) {
        System.out.println(ANSWER + megabytes);
    }

    /** What this process holds now (VmRSS), in MB. */
    public static double residentMegabytes() {
        try {
            String line = Files.readAllLines(STATUS).stream()
                    .filter(l -> l.startsWith("VmRSS:"))
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(line.replaceAll("\\D", "")) / 1000.0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void repeat(LoopBody body, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            body.step();
        }
    }
}
