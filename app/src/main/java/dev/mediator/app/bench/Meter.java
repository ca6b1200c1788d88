package dev.mediator.app.bench;

import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.IntConsumer;

/** Does works several times and notes what they take. The first is what the rates of all are compared with. */
public final class Meter {
    /** What a warm-up is in the count of steps. */
    private static final int WARM_UP_STEPS = 20;

    private final ComputeDevice device;
    private final PeakMemory peak;
    private final Runs runs;
    private final IntConsumer progress;
    private final List<Row> rows = new ArrayList<>();

    private Meter(ComputeDevice device, Runs runs, IntConsumer progress) {
        this.device = device;
        this.peak = new PeakMemory(device);
        this.runs = runs;
        this.progress = progress;
    }

    /**
     * Measures subjects in order, the machine's rate of large linear calls before them.
     *
     * @param linear what that rate is measured by, where the subjects compute
     * @param runs how often each work is done
     * @param progress told how many of {@link #steps} are done since it was told last
     */
    public static List<Row> measure(Linear linear, List<Subject> subjects, Runs runs, IntConsumer progress)
            throws IOException {
        Meter meter = new Meter(linear.placement().device(), runs, progress);
        linear.measure(meter);
        for (Subject subject : subjects) {
            subject.measure(meter);
        }
        return List.copyOf(meter.rows);
    }

    /** Steps of {@link #measure}. */
    public static long steps(List<Subject> subjects, Runs runs) {
        long works = 1 + subjects.stream().mapToLong(Subject::works).sum();
        return works * (runs.measured() + WARM_UP_STEPS);
    }

    /** For works that take long: tells that they go on, so that an interruption reaches them. */
    void pulse() {
        progress.accept(0);
    }

    /** Adds a row. */
    void measure(Work work) {
        peak.reset();
        warmUp(work);
        double[] millis = new double[runs.measured()];
        long macs = 0;
        for (int run = 0; run < millis.length; run++) {
            long start = System.nanoTime();
            try (MacCounter counter = MacCounter.open()) {
                runOnce(work);
                macs = counter.macs();
            }
            millis[run] = (System.nanoTime() - start) / 1e6;
            progress.accept(1);
        }
        rows.add(row(work, new Times(millis), macs * work.costFactor()));
    }

    private void warmUp(Work work) {
        long start = System.nanoTime();
        int done = 0;
        do {
            runOnce(work);
            done++;
            progress.accept(0);
        } while (done < work.mostWarmUps() && (System.nanoTime() - start) / 1e9 < runs.warmUpSeconds());
        progress.accept(WARM_UP_STEPS);
    }

    private void runOnce(Work work) {
        try (Scope scope = Scope.open()) {
            work.body().run();
            device.await(); // what a card is asked for it computes later
        }
    }

    private Row row(Work work, Times times, long macs) {
        double median = times.quantile(0.5);
        double rate = 2 * macs / median / 1e6;
        OptionalLong bytes = peak.bytes();
        return new Row(
                work.title(),
                median,
                times.quantile(0.25),
                times.quantile(0.75),
                times.quantile(0),
                times.quantile(1),
                macs / 1e9,
                rate,
                rows.isEmpty() ? 1 : rate / rows.get(0).gflopsPerSecond(),
                work.images() == 0 ? null : work.images() / median * 1e3,
                bytes.isEmpty() ? null : bytes.getAsLong() >> 20);
    }
}
