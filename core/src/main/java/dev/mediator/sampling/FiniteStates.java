package dev.mediator.sampling;

import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Checks that states are finite: at once on the host; on a card all together at the end of a run, since each look would make
 * the card wait for the host and the host for the card.
 */
final class FiniteStates implements AutoCloseable {
    private final List<Tensor> answers = new ArrayList<>(); // [1] each, on the card
    private final List<Supplier<SamplingException>> failures = new ArrayList<>();

    /**
     * Checks a state, now or later.
     *
     * @param failure what to throw if it is not finite
     */
    void require(Tensor state, Supplier<SamplingException> failure) {
        if (state.is_cpu()) {
            if (!Tensors.isFinite(state)) {
                throw failure.get();
            }
            return;
        }
        try (Scope scope = Scope.open()) {
            Tensor zero = state.sub(state); // but where it is not finite
            answers.add(scope.release(zero.eq(new Scalar(0.0)).all().view(1)));
            failures.add(failure);
        }
    }

    /** Throws the failure of the first state that was not finite, if there is one. */
    void requireAll() {
        if (answers.isEmpty()) {
            return;
        }
        try (Scope scope = Scope.open()) {
            long[] finite = Tensors.longs(Ops.cat(0, answers.toArray(Tensor[]::new)));
            for (int i = 0; i < finite.length; i++) {
                if (finite[i] == 0) {
                    throw failures.get(i).get();
                }
            }
        }
    }

    @Override
    public void close() {
        answers.forEach(Tensor::close);
        answers.clear();
    }
}
