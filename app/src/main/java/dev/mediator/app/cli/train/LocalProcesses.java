package dev.mediator.app.cli.train;

import dev.mediator.app.Main;
import dev.mediator.app.cli.console.Console;
import dev.mediator.parallel.Member;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Further processes of this program, on this machine. What they say is passed on to stderr. They end when this is closed, and when
 * this process ends in any way.
 */
final class LocalProcesses implements AutoCloseable {
    private static final int POLL_MILLIS = 20;

    /** Signals are told as exit codes above this. */
    private static final int SIGNALS = 128;

    /**
     * One of them.
     *
     * @param told done when its end has been noted
     * @param reader of what it says
     */
    private record Started(Process process, CompletableFuture<?> told, Thread reader) {}

    private final List<Started> all = new ArrayList<>();
    private final AtomicReference<String> firstEnd = new AtomicReference<>();
    private final Console console;

    LocalProcesses(Console console) {
        this.console = console;
    }

    /**
     * Starts another one with this one's Java, options and class path.
     *
     * @param member which process it is, for messages
     * @param arguments of the program
     */
    void start(Member member, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.startsWith("-agentlib:jdwp"))
                .forEach(command::add);
        command.add("-Dmediator.columns=0"); // its stderr is no terminal
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        CompletableFuture<?> told =
                process.onExit().thenAccept(ended -> firstEnd.compareAndSet(null, describe(member, ended.exitValue())));
        Thread reader = new Thread(() -> passOn(process), "output of " + member);
        reader.setDaemon(true);
        reader.start();
        all.add(new Started(process, told, reader));
    }

    private void passOn(Process process) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(console::note);
        } catch (IOException | UncheckedIOException e) {
            // it has been ended
        }
    }

    private static String describe(Member member, int exitCode) {
        return exitCode > SIGNALS
                ? member + " was killed by signal " + (exitCode - SIGNALS)
                : member + " ended with exit code " + exitCode;
    }

    /** @throws IOException if one of them has ended */
    void requireAll() throws IOException {
        String end = firstEnd.get();
        if (end != null) {
            throw new IOException(end);
        }
    }

    /** How the first of them ended, if one does within a time. */
    Optional<String> firstEnd(Duration within) throws IOException {
        long deadline = System.nanoTime() + within.toNanos();
        try {
            while (firstEnd.get() == null && System.nanoTime() < deadline) {
                Thread.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a process to end");
        }
        return Optional.ofNullable(firstEnd.get());
    }

    /** Ends them: they hold nothing that would be lost. */
    @Override
    public void close() {
        all.forEach(started -> started.process.destroyForcibly());
        try {
            for (Started started : all) {
                started.process.waitFor(1, TimeUnit.SECONDS);
                started.reader.join(TimeUnit.SECONDS.toMillis(1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
