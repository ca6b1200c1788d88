package dev.mediator.stepwise;

import dev.mediator.nn.MediatorCount;
import java.util.ArrayList;
import java.util.List;

/**
 * Stages that end after given fractions of the steps: {@code fixed:4@0.4,16@0.8,64}. With n steps, a stage until f ends
 * before step round(f·n). Where the solver chooses its steps, f is a fraction of the way in time, which is the same on
 * the equal steps of the other solvers.
 *
 * @param counts one count per stage, in any order
 * @param until where each stage but the last ends, rising between 0 and 1
 */
public record FixedSchedule(List<MediatorCount> counts, List<Double> until) implements Schedule {
    /** Checks that the fractions rise and that there is one per stage but the last. */
    public FixedSchedule {
        counts = ScheduleText.copy(counts, "counts");
        until = ScheduleText.copy(until, "until");
        if (counts.isEmpty() || until.size() != counts.size() - 1) {
            throw new IllegalArgumentException("a fixed schedule has the counts " + counts + " and the ends " + until
                    + ", allowed are one or more counts and an end for each but the last");
        }
        double before = 0;
        for (double end : until) {
            if (!(end > before && end < 1)) {
                throw new IllegalArgumentException("the ends of a fixed schedule's stages are " + until
                        + ", allowed are rising fractions between 0 and 1");
            }
            before = end;
        }
    }

    /**
     * A schedule whose stages end after whole steps; a stage without steps is left out.
     *
     * @param counts one per stage
     * @param ends how many steps of the run are over when a stage ends, for each but the last; not falling
     * @param steps of the run
     */
    public static FixedSchedule ofSteps(List<MediatorCount> counts, List<Integer> ends, int steps) {
        List<MediatorCount> stages = new ArrayList<>();
        List<Double> until = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i < counts.size(); i++) {
            int end = i < ends.size() ? ends.get(i) : steps;
            if (end > begin) {
                stages.add(counts.get(i));
                if (end < steps) {
                    until.add(fraction(end, steps));
                }
                begin = end;
            }
        }
        return new FixedSchedule(stages, until);
    }

    /** The shortest decimal fraction that ends a stage before this step. */
    private static double fraction(int end, int steps) {
        for (double scale = 10; ; scale *= 10) {
            double rounded = Math.round(scale * end / steps) / scale;
            if (Math.round(rounded * steps) == end) {
                return rounded;
            }
        }
    }

    /** Index of the stage that serves the step after a given fraction of the way. */
    int stageAfter(double fraction) {
        int stage = 0;
        while (stage < until.size() && fraction >= until.get(stage)) {
            stage++;
        }
        return stage;
    }

    /** Index of the stage that serves a step, from 0, of a run of that many. */
    int stageOfStep(int step, int steps) {
        int stage = 0;
        while (stage < until.size() && step >= Math.round(until.get(stage) * steps)) {
            stage++;
        }
        return stage;
    }

    @Override
    public FixedSchedule resolve(RunSetup setup) {
        setup.costs().requireServed(counts);
        return this;
    }

    @Override
    public String toString() {
        List<String> stages = new ArrayList<>();
        for (int i = 0; i < counts.size(); i++) {
            stages.add(counts.get(i) + (i < until.size() ? "@" + ScheduleText.number(until.get(i)) : ""));
        }
        return "fixed:" + String.join(",", stages);
    }
}
