package dev.mediator.app.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.OS;

/**
 * One run of the program in a process of its own, for tests; the first builds it.
 *
 * @param exitCode what the process exited with
 * @param out all of stdout
 * @param err stderr, without what is said only where the machine is slow
 */
public record ProcessRun(int exitCode, String out, String err) {
    public static final Path LAUNCHER = Path.of("../mediator").toAbsolutePath().normalize();
    /** Only for a process that hangs. */
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private static final int POLL_MILLIS = 10;

    /** Runs {@code ./mediator} in a folder. */
    public static ProcessRun of(Path workingFolder, Object... args) throws Exception {
        return through(LAUNCHER, workingFolder, args);
    }

    /** Runs another path to the launcher. */
    static ProcessRun through(Path program, Path workingFolder, Object... args) throws Exception {
        try (Running running = startThrough(program, workingFolder, args)) {
            return running.end();
        }
    }

    /** Starts {@code ./mediator} in a folder. */
    public static Running start(Path workingFolder, Object... args) throws IOException {
        return startThrough(LAUNCHER, workingFolder, args);
    }

    /** Starts something else in a folder. */
    public static Running startThrough(Path program, Path workingFolder, Object... args) throws IOException {
        // A shell that runs this build in its background has its children ignore Ctrl-C.
        List<String> command =
                new ArrayList<>(OS.LINUX.isCurrentOs() ? List.of("env", "--default-signal=INT") : List.of());
        command.add(program.toString());
        for (Object arg : args) {
            command.add(arg.toString());
        }
        Path out = Files.createTempFile("mediator-out", ".txt");
        Path err = Files.createTempFile("mediator-err", ".txt");
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .directory(workingFolder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new Running(command, process, out, err, start);
    }

    /** A process that has not been waited for. */
    public record Running(List<String> command, Process process, Path out, Path err, long startNanos)
            implements AutoCloseable {
        /** Waits until a file exists, or something else is true. */
        public void await(Condition condition) throws Exception {
            while (!condition.holds()) {
                if (!process.isAlive()
                        || Duration.ofNanos(System.nanoTime() - startNanos).compareTo(LIMIT) > 0) {
                    throw new IOException(command + " did not get there: " + read(err));
                }
                Thread.sleep(POLL_MILLIS);
            }
        }

        /** Presses Ctrl-C. */
        public void interrupt() throws Exception {
            signal("INT");
        }

        /** Sends a signal by its short name. */
        void signal(String name) throws Exception {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        }

        /** Whether it has a file or folder open below this one; on Linux. */
        boolean reads(Path folder) throws IOException {
            try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
                return open.anyMatch(handle -> leadsBelow(handle, folder));
            } catch (NoSuchFileException e) {
                return false; // the process has ended
            }
        }

        private static boolean leadsBelow(Path handle, Path folder) {
            try {
                return Files.readSymbolicLink(handle).startsWith(folder);
            } catch (IOException e) {
                return false; // closed by now
            }
        }

        public ProcessRun end() throws Exception {
            boolean ended = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
            if (!ended) {
                throw new IOException(command + " took longer than " + LIMIT);
            }
            return new ProcessRun(process.exitValue(), read(out), withoutWaiting(read(err)));
        }

        @Override
        public void close() throws IOException {
            process.destroyForcibly();
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** What is waited for. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    /** Without what is said only where the machine is slow. */
    static String withoutWaiting(String err) {
        return err.replaceAll("(?m)^preparing: files are scanned or loaded, \\d+ s so far\\R", "");
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
