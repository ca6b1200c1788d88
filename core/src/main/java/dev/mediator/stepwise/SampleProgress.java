package dev.mediator.stepwise;

import dev.mediator.nn.MediatorCount;
import dev.mediator.stepwise.StageTrace.Span;
import java.util.ArrayList;
import java.util.List;

/** One sample on its way: its stage, and what it has gone through. */
final class SampleProgress {
    private final List<Span> spans = new ArrayList<>();
    private final List<Integer> switchSteps = new ArrayList<>();
    private final List<Double> distances = new ArrayList<>();
    private int stage;
    private int steps;
    private long evaluations;
    private long macs;

    /** Index of the stage that serves the next step. */
    int stage() {
        return stage;
    }

    /** Steps taken. */
    int steps() {
        return steps;
    }

    /** Distances so far, of the steps from the second on. */
    List<Double> distances() {
        return distances;
    }

    void addDistance(double distance) {
        distances.add(distance);
    }

    /** A later stage serves from the next step on. */
    void enter(int next) {
        while (stage < next) {
            stage++;
            switchSteps.add(steps - 1);
        }
    }

    /** A step is done, which this count served. */
    void endStep(MediatorCount count) {
        int last = spans.size() - 1;
        if (last >= 0 && spans.get(last).mediators().equals(count)) {
            spans.set(last, new Span(count, spans.get(last).steps() + 1));
        } else {
            spans.add(new Span(count, 1));
        }
        steps++;
    }

    void spend(long passes, long macsPerPass) {
        evaluations += passes;
        macs += passes * macsPerPass;
    }

    long evaluations() {
        return evaluations;
    }

    long macs() {
        return macs;
    }

    StageTrace trace(long macsPerPassFull) {
        // A switch after the latest step has changed nothing so far, and never will if that was the last.
        List<Integer> effective =
                switchSteps.stream().filter(step -> step < steps - 1).toList();
        return new StageTrace(spans, effective, distances, evaluations, macs, evaluations * macsPerPassFull);
    }
}
