package dev.mediator.tuning;

import dev.mediator.nn.MediatorCount;
import dev.mediator.stepwise.FixedSchedule;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StaticSchedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * All fixed schedules of one way of sampling whose counts rise in cost and change at the ends of segments, and the best of
 * them by prediction. With 4 counts and 50 segments these are 23,426: every one is looked at.
 */
final class ScheduleSearch {
    private static final int BUCKETS = 1000; // of cost; of the schedules in each only the best is remembered

    private final RunPlan plan;
    private final LocalErrors errors;
    private final LocalErrors.Prediction prediction;
    private final double base; // error of the costliest count here, against the reference
    private final List<MediatorCount> counts;
    private final long[] passes; // until the end of each segment, from 0
    private final Candidate[] best = new Candidate[BUCKETS + 1];
    private final int[] ends;
    private final double least;
    private final double most;

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
    ScheduleSearch(RunPlan plan, LocalErrors errors, double base) {
        this.plan = plan;
        this.errors = errors;
        this.prediction = errors.prediction();
        this.base = base;
        this.counts = plan.costs().counts();
        this.passes = passes(plan.passes(), errors.ends());
        this.ends = new int[errors.counts().size()];
        this.least = cost(filled(passes.length - 1));
        this.most = cost(filled(0));
    }

    private int[] filled(int end) {
        int[] all = new int[ends.length];
        Arrays.fill(all, end);
        return all;
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
        search(0, 0);
        return front(Arrays.stream(best).filter(c -> c != null).toList());
    }

    static List<Candidate> front(List<Candidate> candidates) {
        List<Candidate> front = new ArrayList<>();
        candidates.stream()
                .sorted(Comparator.comparingDouble(Candidate::gflops).thenComparingDouble(Candidate::error))
                .filter(c -> front.isEmpty() || c.error() < front.get(front.size() - 1).error())
                .forEach(front::add);
        return front;
    }

    private void search(int stage, int begin) {
        if (stage == ends.length) {
            consider();
            return;
        }
        for (int end = begin; end < passes.length; end++) {
            ends[stage] = end;
            search(stage + 1, end);
        }
    }

    private void consider() {
        double cost = cost(ends);
        double local = prediction.error(ends);
        double error = Math.sqrt(base * base + local * local);
        int bucket = most > least ? (int) Math.round(BUCKETS * (cost - least) / (most - least)) : 0;
        Candidate there = best[bucket];
        if (there == null || error < there.error() || (error == there.error() && cost < there.gflops())) {
            best[bucket] = new Candidate(schedule(ends), cost, error);
        }
    }

    private double cost(int... segmentEnds) {
        double macs = 0;
        for (int stage = 0; stage <= segmentEnds.length; stage++) {
            long from = stage == 0 ? 0 : passes[segmentEnds[stage - 1]];
            long to = stage == segmentEnds.length ? passes[passes.length - 1] : passes[segmentEnds[stage]];
            macs += (double) (to - from) * plan.costs().of(counts.get(stage));
        }
        return macs / 1e9;
    }

    private Schedule schedule(int... segmentEnds) {
        int[] ofSegments = errors.ends();
        List<Integer> inSteps = IntStream.of(segmentEnds)
                .mapToObj(end -> end == 0 ? 0 : ofSegments[end - 1])
                .toList();
        FixedSchedule fixed = FixedSchedule.ofSteps(counts, inSteps, errors.steps());
        return fixed.counts().size() == 1 ? new StaticSchedule(fixed.counts().get(0)) : fixed;
    }

    /** The schedule of one count, as a candidate. */
    Candidate single(MediatorCount count) {
        int index = counts.indexOf(count);
        int[] all = new int[ends.length];
        for (int c = 0; c < all.length; c++) {
            all[c] = c < index ? 0 : passes.length - 1;
        }
        double local = prediction.error(all);
        return new Candidate(schedule(all), cost(all), Math.sqrt(base * base + local * local));
    }
}
