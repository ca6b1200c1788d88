package dev.mediator.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A recorder that needs no card: a replay does the computation again, which reads the same tensors, and leaves the result where
 * the first one was. As on a card, that one is overwritten by replays of other recordings too, and is worthless before the first.
 */
public final class RerunRecorder implements Recorder {
    private final List<Rerun> open = new ArrayList<>();
    private int recordings;
    private int replays;
    private boolean closed;

    /** Recordings made so far. */
    public int recordings() {
        return recordings;
    }

    /** Replays of all recordings so far. */
    public int replays() {
        return replays;
    }

    /** Recordings that were not closed. */
    public int open() {
        return open.size();
    }

    public boolean isClosed() {
        return closed;
    }

    @Override
    public Recording record(Supplier<Tensor> computation) {
        if (closed) {
            throw new IllegalStateException("the recorder is closed");
        }
        try (Scope scope = Scope.open()) {
            Scope.keepResult(computation); // as on a card, where it runs once before it is recorded
            Rerun rerun = new Rerun(computation, scope.release(computation.get().clone()));
            open.add(rerun);
            recordings++;
            spoil();
            return rerun;
        }
    }

    private void spoil() {
        open.forEach(rerun -> rerun.result.fill_(new Scalar(Double.NaN)));
    }

    @Override
    public void close() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("a recording is open still");
        }
        closed = true;
    }

    private final class Rerun implements Recording {
        private final Supplier<Tensor> computation;
        private final Tensor result;

        Rerun(Supplier<Tensor> computation, Tensor result) {
            this.computation = computation;
            this.result = result;
        }

        @Override
        public Tensor replay() {
            if (!open.contains(this)) {
                throw new IllegalStateException("the recording is closed");
            }
            replays++;
            spoil();
            try (Scope scope = Scope.open()) {
                MacCounter.uncounted(
                        () -> result.copy_(computation.get())); // a replay multiplies nothing that Java sees
            }
            return result;
        }

        @Override
        public void close() {
            if (!open.remove(this)) {
                throw new IllegalStateException("the recording is closed already");
            }
            result.close();
        }
    }
}
