package dev.mediator.app.cli.console;

import dev.mediator.app.cli.command.Result;
import dev.mediator.parallel.Member;
import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Where a command speaks: its answer, err, and progress. Nothing else in the program prints. */
public final class Console {
    /** Within ten seconds a user sees that something goes on. */
    private static final int SILENT_SECONDS = 8;

    private static final Executor LATER = CompletableFuture.delayedExecutor(SILENT_SECONDS, TimeUnit.SECONDS);

    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final PrintStream err;
    private final boolean json;
    private final Optional<Terminal> terminal;
    private final Interruption interruption;
    private final String speaker; // empty for the process whose output people read
    private boolean hasToldStop;
    private volatile boolean hasSpoken;

    /**
     * Speaks to two streams.
     *
     * @param json true if the answer is the JSON object, which stdout then belongs to
     */
    public Console(
            PrintStream out, PrintStream err, boolean json, Optional<Terminal> terminal, Interruption interruption) {
        this(out, err, json, terminal, interruption, "");
    }

    private Console(
            PrintStream out,
            PrintStream err,
            boolean json,
            Optional<Terminal> terminal,
            Interruption interruption,
            String speaker) {
        this.out = out;
        this.err = err;
        this.json = json;
        this.terminal = terminal;
        this.interruption = interruption;
        this.speaker = speaker;
    }

    /** The same for one of several processes that is not the one to answer: it says who it is, and shows no progress. */
    public Console of(Member member) {
        return new Console(out, err, true, Optional.empty(), interruption, member + ": ");
    }

    /** A line of the answer for people, on stdout; under {@code --json} the answer is {@link Result#json} alone. */
    public void say(String line) {
        hasSpoken = true;
        if (!json) {
            out.println(line);
        }
    }

    /** A remark, warning or log line: on stderr. */
    public void note(String line) {
        hasSpoken = true;
        // A progress bar may stand on the line; it draws itself again below.
        err.println((terminal.isPresent() ? ERASE_LINE : "") + speaker + line);
    }

    /** What an interruption has left, and how to go on: said once. */
    public void stopped(String line) {
        hasToldStop = true;
        note(line);
    }

    /** True once {@link #stopped} was said. */
    public boolean hasToldStop() {
        return hasToldStop;
    }

    /**
     * Shows on stderr how far a longer job is and when it will be done, once it has taken two seconds: a bar on a
     * terminal, else a line every ten seconds. Close it when the job ends. Every longer job has one: through it Ctrl-C
     * reaches the job.
     *
     * @param task what is done, such as {@code sampling}
     * @param total how many steps there are, at least 1
     * @param unit what a step is called, such as {@code images}
     */
    public Progress progress(String task, long total, String unit) {
        hasSpoken = true;
        Progress progress = new Progress(task, total, unit, System::nanoTime, display(task, total, unit), interruption);
        LATER.execute(progress::begin);
        return progress;
    }

    /**
     * For the time before a job has anything to show, in which data are scanned and networks loaded: says that the program is at
     * work if it has said nothing for a while. Close it when the command ends.
     */
    public Preparing preparing() {
        Preparing preparing = new Preparing(() -> {
            if (!hasSpoken && speaker.isEmpty()) {
                note("preparing: files are scanned or loaded, " + SILENT_SECONDS + " s so far");
            }
        });
        LATER.execute(preparing::tell);
        return preparing;
    }

    /** Says something once, unless it is closed before. */
    public static final class Preparing implements AutoCloseable {
        private final Runnable note;
        private boolean closed;

        Preparing(Runnable note) {
            this.note = note;
        }

        synchronized void tell() {
            if (!closed) {
                note.run();
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
        }
    }

    private ProgressDisplay display(String task, long total, String unit) {
        if (!speaker.isEmpty()) {
            return ProgressDisplay.NONE;
        }
        return terminal.<ProgressDisplay>map(t -> new BarDisplay(err, t, task, total, unit))
                .orElseGet(() -> new LineDisplay(err, task, total, unit));
    }
}
