package dev.mediator.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.tensor.Engine;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.bytedeco.javacpp.Pointer;

/**
 * How many native objects, such as tensors, a loop leaves alive: a count that is the same on every machine, unlike the memory
 * that the system says a process holds. Counted in a process whose heap is so large that the garbage collector never runs: each
 * object that nobody closes is seen.
 */
public final class NativeGrowth {
    private static final String ANSWER = "growth ";
    private static final List<String> JVM = List.of(
            "-Xms1200m",
            "-Xmx1200m",
            "-Xmn1100m",
            "-XX:MetaspaceSize=200m",
            "-XX:+UseSerialGC",
            "-XX:+DisableExplicitGC",
            "-XX:TieredStopAtLevel=1",
            "-Dorg.bytedeco.javacpp.maxBytes=0",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");

    private NativeGrowth() {}

    /** Growth over the iterations of a body after those of the warm-up. */
    public static long of(Class<? extends LoopBody> body, int warmUp, int iterations) throws Exception {
        return of(NativeGrowth.class, body.getName(), warmUp, iterations);
    }

    /** What a program reports as its growth; arguments follow its class. */
    public static long of(Class<?> program, Object... arguments) throws Exception {
        Process process = ChildJvm.start(JVM, program, arguments);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        String answer = output.lines()
                .filter(line -> line.startsWith(ANSWER))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(answer.substring(ANSWER.length()));
    }

    /** The program for a {@link LoopBody}: its class, iterations of the warm-up, iterations. */
    public static void main(String[] args) throws Exception {
        Engine.start(1);
        Class<? extends LoopBody> kind = Class.forName(args[0]).asSubclass(LoopBody.class);
        try (LoopBody body = kind.getDeclaredConstructor().newInstance()) {
            repeat(body, Integer.parseInt(args[1]));
            long before = alive();
            repeat(body, Integer.parseInt(args[2]));
            report(alive() - before);
        }
    }

    /** Tells the test that waits for this process. */
    public static void report(long growth) {
        if (ManagementFactory.getGarbageCollectorMXBeans().stream().anyMatch(gc -> gc.getCollectionCount() > 0)) {
            throw new IllegalStateException("garbage was collected: there are too many iterations to count");
        }
        System.out.println(ANSWER + growth);
    }

    /** Native objects that this process has made and not freed. */
    public static long alive() {
        return Pointer.totalCount();
    }

    private static void repeat(LoopBody body, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            body.step();
        }
    }
}
