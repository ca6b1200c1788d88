package dev.mediator.tuning;

import dev.mediator.nn.MediatorCount;
import dev.mediator.stepwise.FixedSchedule;
import dev.mediator.stepwise.RunSetup;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StaticSchedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * All fixed schedules of one way of sampling whose counts rise or fall in cost and change at the ends of segments, and the best
 * of them by prediction. With 4 counts and 50 segments these are two times 23,426: every one is looked at. Their number grows
 * fast with the counts, two times 1.9 billion for nine: where it is above {@value #MOST}, counts change at every second segment
 * only, or at every third, and so on, until it is not.
 */
final class ScheduleSearch {
    /** Schedules that are looked at; up to seven counts stay below it whatever the number of steps. */
    static final long MOST = 100_000_000;

    private static final int BUCKETS = 1000; // of cost; of the schedules in each only the best is remembered

    private final RunSetup setup;
    private final LocalErrors errors;
    private final LocalErrors.Prediction prediction;
    private final double base; // error of the costliest count here, against the reference
    private final List<MediatorCount> rising; // the costliest is the last
    private final long[] passes; // until the end of each segment, from 0
    private final Map<Integer, Candidate> best = new TreeMap<>(); // by cost
    private final int segments;
    private final int stride; // segments between two places where counts may change

    /**
     * A schedule by prediction.
     *
     * @param gflops multiply-adds of an image in 10⁹; exact
     * @param error the root of the mean squared error over images
     */
    record Candidate(Schedule schedule, double gflops, double error) {}

    /**
     * Prepares a search.
     *
     * @param base what the costliest count of this way of sampling differs from the reference, 0 if it is the reference; it is
     *     added in quadrature
     */
    ScheduleSearch(RunSetup setup, LocalErrors errors, double base) {
        this(setup, errors, base, MOST);
    }

    /** @param most schedules that are looked at */
    ScheduleSearch(RunSetup setup, LocalErrors errors, double base, long most) {
        this.setup = setup;
        this.errors = errors;
        this.prediction = errors.prediction();
        this.base = base;
        this.rising = setup.costs().counts();
        this.segments = errors.ends().length;
        this.passes = passes(setup.passes(), errors.ends());
        this.stride = stride(rising.size(), segments, most);
    }

    /** The least distance of places where counts may change at which there are not too many schedules. */
    static int stride(int counts, int segments, long most) {
        int stride = 1;
        while (stride < segments && candidates(counts, (segments + stride - 1) / stride) > most) {
            stride++;
        }
        return stride;
    }

    /** Schedules that rise or fall: two times the ways to put the ends of all stages but the last; infinite beyond any number. */
    static double candidates(int counts, int places) {
        double choices = 2;
        for (int stage = 1; stage < counts; stage++) {
            choices *= (double) (places + stage) / stage;
        }
        return choices;
    }

    private static long[] passes(int[] ofSteps, int... ends) {
        long[] sums = new long[ends.length + 1];
        int step = 0;
        for (int s = 0; s < ends.length; s++) {
            sums[s + 1] = sums[s];
            for (; step < ends[s]; step++) {
                sums[s + 1] += ofSteps[step];
            }
        }
        return sums;
    }

    /** The schedules that no other is both cheaper and better than, from the cheapest to the costliest. */
    List<Candidate> front() {
        search(false, new int[rising.size() + 1], 1);
        search(true, new int[rising.size() + 1], 1);
        return front(List.copyOf(best.values()));
    }

    static List<Candidate> front(List<Candidate> candidates) {
        List<Candidate> front = new ArrayList<>();
        candidates.stream()
                .sorted(Comparator.comparingDouble(Candidate::gflops).thenComparingDouble(Candidate::error))
                .filter(c -> front.isEmpty()
                        || c.error() < front.get(front.size() - 1).error())
                .forEach(front::add);
        return front;
    }

    /** Tries all ends of this stage and the following ones; stage s serves segments from bounds[s] to bounds[s + 1]. */
    private void search(boolean falling, int[] bounds, int next) {
        if (next == rising.size()) {
            bounds[next] = segments;
            consider(falling, bounds);
            return;
        }
        for (int end = bounds[next - 1]; end < segments; end += stride) {
            bounds[next] = end;
            search(falling, bounds, next + 1);
        }
        bounds[next] = segments;
        search(falling, bounds, next + 1);
    }

    private void consider(boolean falling, int... bounds) {
        double cost = cost(falling, bounds);
        double error = error(falling, bounds);
        int bucket = (int)
                Math.round(BUCKETS * cost / (passes[segments] * setup.costs().costliest() / 1e9));
        Candidate there = best.get(bucket);
        if (there == null || error < there.error() || (error == there.error() && cost < there.gflops())) {
            best.put(bucket, new Candidate(schedule(falling, bounds), cost, error));
        }
    }

    /** Which count, by cost, serves a stage. */
    private int count(boolean falling, int stage) {
        return falling ? rising.size() - 1 - stage : stage;
    }

    private double error(boolean falling, int... bounds) {
        int[] from = new int[rising.size() - 1];
        int[] to = new int[from.length];
        for (int stage = 0; stage < rising.size(); stage++) {
            int count = count(falling, stage);
            if (count < from.length) {
                from[count] = bounds[stage];
                to[count] = bounds[stage + 1];
            }
        }
        double local = prediction.error(from, to);
        return Math.sqrt(base * base + local * local);
    }

    private double cost(boolean falling, int... bounds) {
        double macs = 0;
        for (int stage = 0; stage < rising.size(); stage++) {
            MediatorCount served = rising.get(count(falling, stage));
            macs += (double) (passes[bounds[stage + 1]] - passes[bounds[stage]])
                    * setup.costs().of(served);
        }
        return macs / 1e9;
    }

    private Schedule schedule(boolean falling, int... bounds) {
        List<MediatorCount> counts = IntStream.range(0, rising.size())
                .mapToObj(stage -> rising.get(count(falling, stage)))
                .toList();
        List<Integer> ends = IntStream.range(1, rising.size())
                .mapToObj(stage -> errors.begin(bounds[stage]))
                .toList();
        FixedSchedule fixed = FixedSchedule.ofSteps(counts, ends, errors.steps());
        return fixed.counts().size() == 1 ? new StaticSchedule(fixed.counts().get(0)) : fixed;
    }

    /** The schedule of one count. */
    Candidate single(MediatorCount count) {
        int[] bounds = new int[rising.size() + 1];
        Arrays.fill(bounds, rising.indexOf(count) + 1, bounds.length, segments);
        return new Candidate(schedule(false, bounds), cost(false, bounds), error(false, bounds));
    }
}
