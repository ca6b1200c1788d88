package dev.mediator.app.cli.train;

import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.LineDisplay;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.training.LogEntry;
import dev.mediator.training.TrainingListener;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Shows log lines and progress of a training. */
final class TrainingProgress implements TrainingListener, AutoCloseable {
    /** Whoever waits for less need not be told. */
    private static final double WORTH_TELLING_SECONDS = 30;

    private static final double MOST_SECONDS = 1e11; // dates have an end

    private final Console console;
    private @Nullable Progress progress;
    private @Nullable LogEntry last;
    private long stepsShown = -1;

    TrainingProgress(Console console) {
        this.console = console;
    }

    /** The newest log line, null before the first. */
    @Nullable
    LogEntry last() {
        return last;
    }

    @Override
    public void onNote(String note) {
        console.note(note);
    }

    @Override
    public void onBegin(double seconds, long updates) {
        tell(seconds, updates, console::note);
    }

    /** Tells what updates will take, if it is long. */
    static void tell(double seconds, long updates, Consumer<String> notes) {
        if (seconds * updates >= WORTH_TELLING_SECONDS) {
            notes.accept(estimate(seconds, updates, LocalDateTime.now(ZoneId.systemDefault())));
        }
    }

    /** What the first updates and the whole training will take. */
    static String estimate(double seconds, long updates, LocalDateTime now) {
        double all = seconds * updates;
        String update = seconds < 10 ? String.format(Locale.ROOT, "%.2g s", seconds) : LineDisplay.duration(seconds);
        LocalDateTime end = now.plusSeconds(Math.round(Math.min(all, MOST_SECONDS)));
        String until = end.toLocalDate().equals(now.toLocalDate()) ? "HH:mm" : "yyyy-MM-dd HH:mm";
        return "an update takes about " + update + " or less here, all " + updates + " about "
                + LineDisplay.duration(all) + " or less, until "
                + end.format(DateTimeFormatter.ofPattern(until, Locale.ROOT));
    }

    @Override
    public void onStep(long step, long totalSteps) {
        if (progress == null) {
            stepsShown = step - 1;
            progress = console.progress("training", totalSteps - stepsShown, "steps");
        }
        progress.step(1);
    }

    @Override
    public void onLog(LogEntry entry) {
        last = entry;
        if (progress != null) {
            progress.detail(String.format(
                    Locale.ROOT,
                    "step %d, epoch %.2f, loss %.4f, %.0f images/s, %.0f GFLOP/s",
                    entry.step(),
                    entry.epoch(),
                    entry.loss(),
                    entry.imagesPerSecond(),
                    entry.gflopsPerSecond()));
        }
    }

    @Override
    public void onFile(Path file) {
        console.note("wrote " + file);
    }

    @Override
    public void close() {
        if (progress != null) {
            progress.close();
        }
    }
}
