package dev.mediator.app.cli;

import dev.mediator.training.LogEntry;
import dev.mediator.training.TrainingListener;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Shows log lines and progress of a training. */
final class TrainingProgress implements TrainingListener, AutoCloseable {
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
