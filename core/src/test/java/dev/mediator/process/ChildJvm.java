package dev.mediator.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Another Java process with this one's class path. */
public final class ChildJvm {
    private static final long LONGEST_LIFE_SECONDS = 300;

    private ChildJvm() {}

    /**
     * Starts a program; its stderr goes into its stdout, which the caller reads. One that hangs is killed after five
     * minutes, so that a test fails instead of waiting for ever.
     *
     * @param options of the JVM, such as {@code -Xmx64m}
     */
    public static Process start(List<String> options, Class<?> program, Object... arguments) throws IOException {
        return start(new ProcessBuilder(), options, program, arguments);
    }

    /** The same in an environment and a folder of its own, which {@code builder} has. */
    public static Process start(ProcessBuilder builder, List<String> options, Class<?> program, Object... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        // Surefire hands the class path over in a jar of its own; this property has the jars themselves.
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        command.addAll(List.of("-cp", classPath, program.getName()));
        Arrays.stream(arguments).map(String::valueOf).forEach(command::add);
        Process process = builder.command(command).redirectErrorStream(true).start();
        CompletableFuture.delayedExecutor(LONGEST_LIFE_SECONDS, TimeUnit.SECONDS)
                .execute(() -> process.toHandle().destroyForcibly());
        return process;
    }
}
