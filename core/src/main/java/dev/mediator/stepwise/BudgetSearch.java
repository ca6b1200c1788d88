package dev.mediator.stepwise;

import dev.mediator.nn.MediatorCount;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds the fixed schedule of a budget.
 *
 * <p>All counts serve, in the order of their cost: the costliest first, the cheapest last. What is done wrong early changes the
 * image most: measured with the weights that ship, this order stays nearer to the costliest run than the reverse at the same
 * cost, and nearer than any single count (docs/results). A schedule for one network is found by {@code tune}.
 *
 * <p>Of one parameter r: stage i, i = 0, 1, …, takes a part of the steps that is proportional to rⁱ. At r → 0 the costliest
 * serves all steps, at r = 1 each serves as many, at r → ∞ the cheapest serves all. The cost falls with r, so exactly one r
 * meets the budget. Then the ends of the stages are moved to whole steps: of all ends near those of r, those that come within a quarter percent of
 * the budget, and of these the ones closest to r; if none comes that near, the ones that come nearest.
 */
final class BudgetSearch {
    private static final int MAX_CANDIDATES = 200_000;
    private static final double CLOSE_ENOUGH = 0.0025;

    private final double share;
    private final String sampler;
    private final List<MediatorCount> counts;
    private final double[] costs; // of a pass, as a share of the costliest
    private final long[] passesBefore; // of each step, and of all
    private final int steps;
    private final double[] ideal; // where each stage but the last ends
    private final int[] ends;
    private int @Nullable [] best;
    private double bestError = Double.POSITIVE_INFINITY;
    private double bestMove;
    private double nearestBelow = Double.NEGATIVE_INFINITY;
    private double nearestAbove = Double.POSITIVE_INFINITY;

    BudgetSearch(RunSetup setup, double share) {
        this.share = share;
        this.sampler = setup.sampler().summary();
        this.counts = new ArrayList<>(setup.costs().counts());
        Collections.reverse(counts);
        this.costs = counts.stream()
                .mapToDouble(count ->
                        (double) setup.costs().of(count) / setup.costs().costliest())
                .toArray();
        int[] passes = setup.passes();
        this.steps = passes.length;
        this.passesBefore = new long[steps + 1];
        for (int i = 0; i < steps; i++) {
            passesBefore[i + 1] = passesBefore[i] + passes[i];
        }
        requirePossible(setup);
        this.ideal = idealEnds();
        this.ends = new int[ideal.length];
    }

    FixedSchedule find() {
        int width = (int) Math.pow(MAX_CANDIDATES, 1.0 / Math.max(1, ends.length)) / 2;
        search(0, width);
        if (best == null || bestError > BudgetSchedule.TOLERANCE * share) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "the budget is %s, but with the %d steps of %s the nearest possible shares are %s",
                    ScheduleText.number(share),
                    steps,
                    sampler,
                    possible()));
        }
        return FixedSchedule.ofSteps(counts, Arrays.stream(best).boxed().toList(), steps);
    }

    private void requirePossible(RunSetup setup) {
        double cheapest = costs[costs.length - 1];
        if (share < cheapest) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "the budget is %s, allowed with the counts %s of this network are %.3f to 1",
                    ScheduleText.number(share),
                    setup.costs().counts(),
                    Math.ceil(cheapest * 1000) / 1000));
        }
    }

    /** Ends of the stages in steps, not whole, for the r that meets the budget. */
    private double[] idealEnds() {
        double low = -40;
        double high = 40; // of log r
        for (int i = 0; i < 100; i++) {
            double middle = (low + high) / 2;
            if (share(ends(Math.exp(middle))) > share) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return ends(Math.exp(high));
    }

    private double[] ends(double r) {
        double[] parts = new double[costs.length];
        double all = 0;
        for (int i = 0; i < parts.length; i++) {
            parts[i] = Math.pow(r, i);
            all += parts[i];
        }
        double[] result = new double[parts.length - 1];
        double sum = 0;
        for (int i = 0; i < result.length; i++) {
            sum += parts[i];
            result[i] = steps * sum / all;
        }
        return result;
    }

    /** Tries all whole ends of this stage and the following ones that are at most {@code width} from the ideal ones. */
    private void search(int stage, int width) {
        if (stage == ends.length) {
            consider();
            return;
        }
        int nearest = (int) Math.round(ideal[stage]);
        int from = Math.max(stage == 0 ? 0 : ends[stage - 1], nearest - width);
        int to = Math.min(steps, nearest + width);
        for (int end = from; end <= to; end++) {
            ends[stage] = end;
            search(stage + 1, width);
        }
    }

    private void consider() {
        double found = share(Arrays.stream(ends).asDoubleStream().toArray());
        nearestBelow = found < share ? Math.max(nearestBelow, found) : nearestBelow;
        nearestAbove = found > share ? Math.min(nearestAbove, found) : nearestAbove;
        double error = Math.max(Math.abs(found - share), CLOSE_ENOUGH * share);
        double move = 0;
        for (int i = 0; i < ends.length; i++) {
            move += (ends[i] - ideal[i]) * (ends[i] - ideal[i]);
        }
        if (error < bestError || (error == bestError && move < bestMove)) {
            best = ends.clone();
            bestError = error;
            bestMove = move;
        }
    }

    /** The share of stages that end there, which need not be at whole steps. */
    private double share(double[] ends) {
        double sum = 0;
        double before = 0;
        for (int i = 0; i < costs.length; i++) {
            double end = passesUntil(i < ends.length ? ends[i] : steps);
            sum += costs[i] * (end - before);
            before = end;
        }
        return sum / passesBefore[steps];
    }

    private double passesUntil(double step) {
        int whole = Math.min(steps - 1, (int) step);
        return passesBefore[whole] + (step - whole) * (passesBefore[whole + 1] - passesBefore[whole]);
    }

    private String possible() {
        String below = Double.isFinite(nearestBelow) ? String.format(Locale.ROOT, "%.4f", nearestBelow) : "";
        String above = Double.isFinite(nearestAbove) ? String.format(Locale.ROOT, "%.4f", nearestAbove) : "";
        return below.isEmpty() || above.isEmpty() ? below + above : below + " and " + above;
    }
}
