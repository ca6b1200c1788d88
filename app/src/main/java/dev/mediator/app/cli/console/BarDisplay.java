package dev.mediator.app.cli.console;

import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Progress on a terminal: a bar that redraws itself, with the time left. */
final class BarDisplay implements ProgressDisplay {
    private static final int REDRAW_MILLIS = 250;

    private final PrintStream stream;
    private final Terminal terminal;
    private final String task;
    private final long total;
    private final String unit;
    private @Nullable ProgressBar bar;

    BarDisplay(PrintStream stream, Terminal terminal, String task, long total, String unit) {
        this.stream = stream;
        this.terminal = terminal;
        this.task = task;
        this.total = total;
        this.unit = unit;
    }

    @Override
    public void begin(double elapsedSeconds) {
        show(0, elapsedSeconds, "");
    }

    @Override
    public void show(long done, double elapsedSeconds, String detail) {
        if (bar == null) {
            bar = open(done, elapsedSeconds);
        }
        bar.stepTo(done);
        bar.setExtraMessage(detail.isEmpty() ? "" : " " + detail);
    }

    @Override
    public void end() {
        if (bar != null) {
            bar.close();
        }
    }

    private ProgressBar open(long done, double elapsedSeconds) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setUnit(" " + unit, 1)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REDRAW_MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(stream, terminal.columns()))
                .startsFrom(done, Duration.ofMillis((long) (1000 * elapsedSeconds)))
                .build();
    }
}
