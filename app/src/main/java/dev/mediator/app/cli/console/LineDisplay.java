package dev.mediator.app.cli.console;

import java.io.PrintStream;
import java.util.Locale;

/** Progress without a terminal, in logs and pipes: a plain line now and then. */
public final class LineDisplay implements ProgressDisplay {
    private static final double INTERVAL_SECONDS = 10;

    private final PrintStream stream;
    private final String task;
    private final long total;
    private final String unit;
    private double lastSeconds;
    private long lastDone;

    LineDisplay(PrintStream stream, String task, long total, String unit) {
        this.stream = stream;
        this.task = task;
        this.total = total;
        this.unit = unit;
    }

    @Override
    public void begin(double elapsedSeconds) {
        stream.println(line(0, elapsedSeconds, ""));
        lastSeconds = elapsedSeconds;
    }

    @Override
    public void show(long done, double elapsedSeconds, String detail) {
        boolean finished = done == total && lastDone < total;
        if (finished || elapsedSeconds - lastSeconds >= INTERVAL_SECONDS) {
            stream.println(line(done, elapsedSeconds, detail));
            lastSeconds = elapsedSeconds;
        }
        lastDone = done;
    }

    @Override
    public void end() {
        stream.flush();
    }

    private String line(long done, double elapsedSeconds, String detail) {
        String line = String.format(
                Locale.ROOT,
                "%s: %d/%d %s (%d %%), %s",
                task,
                done,
                total,
                unit,
                100 * done / total,
                duration(elapsedSeconds));
        if (done > 0 && done < total) {
            line += ", about " + duration(elapsedSeconds / done * (total - done)) + " left";
        }
        return detail.isEmpty() ? line : line + ", " + detail;
    }

    /** 42 s, 3 min 20 s, 2 h 05 min. */
    public static String duration(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s";
        } else if (whole < 3600) {
            return String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60);
        }
        return String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole % 3600 / 60);
    }
}
