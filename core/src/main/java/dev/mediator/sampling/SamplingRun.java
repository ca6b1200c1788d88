package dev.mediator.sampling;

import dev.mediator.tensor.Cancellation;
import dev.mediator.tensor.OwnedTensor;
import dev.mediator.tensor.Scope;
import dev.mediator.transport.Estimate;
import dev.mediator.transport.PerSample;
import dev.mediator.transport.Transport;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** One run in progress: owns the state from step to step, checks that it is finite and tells the observer. */
final class SamplingRun implements AutoCloseable {
    private final FlowField field;
    private final SamplerConfig config;
    private final StepObserver observer;
    private final int plannedSteps;
    private final OwnedTensor state = new OwnedTensor();
    private final FiniteStates finite = new FiniteStates();
    private int index;

    SamplingRun(FlowField field, SamplerConfig config, Tensor x0, StepObserver observer) {
        this.field = field;
        this.config = config;
        this.observer = observer;
        OptionalInt planned = config.plannedSteps();
        this.plannedSteps = planned.orElse(-1);
        state.set(x0);
    }

    /** Takes one step of the whole batch in a scope of its own. */
    void step(double t, double dt, boolean isClosing, UnaryOperator<Tensor> advance) {
        Cancellation.check();
        try (Scope scope = Scope.open()) {
            field.beginStep();
            Tensor next = advance.apply(state.get());
            int batch = Math.toIntExact(next.size(0));
            int number = index + 1;
            finite.require(next, () -> notFinite(number, t, dt));
            // Before the old state goes: the observer may ask what the network said of it.
            report(PerSample.uniform(batch, t), PerSample.uniform(batch, dt), next, field.first(), isClosing);
            state.set(next);
        }
    }

    /** Tells the observer of a step and counts it. */
    void report(PerSample t, PerSample dt, Tensor next, Estimate estimate, boolean isClosing) {
        Cancellation.check();
        observer.onStep(new SamplerStep(index, plannedSteps, t, dt, next, estimate, field.evaluations(), isClosing));
        index++;
        field.beginStep();
    }

    /** Goes on from a state that another integration has reached. */
    void goOnFrom(Tensor x) {
        state.set(x);
    }

    /**
     * Takes the last step, if there is one.
     *
     * @param end where the steps before it ended
     * @param drift of the equation that is integrated
     * @return the final state, handed to the scope around
     * @throws SamplingException if a state on the way was not finite
     */
    Tensor finish(LastStep lastStep, double size, double end, OdeFunction drift) {
        if (lastStep != LastStep.NONE) {
            int batch = Math.toIntExact(state.get().size(0));
            PerSample t = PerSample.uniform(batch, end);
            PerSample dt = PerSample.uniform(batch, size);
            step(end, size, true, x -> lastStep.apply(field, drift, t, dt, x));
        }
        finite.requireAll();
        return state.handOver();
    }

    @Override
    public void close() {
        state.close();
        finite.close();
    }

    private SamplingException notFinite(int step, double t, double dt) {
        Transport transport = field.transport();
        return new SamplingException("the state is not finite after step " + step
                + (plannedSteps < 0 ? "" : " of " + plannedSteps) + ", from t = " + t + " to " + (t + dt)
                + ", with "
                + config.summary() + " on path " + transport.path().label() + ", prediction "
                + transport.prediction().label() + ", sample eps " + transport.effectiveSampleEps());
    }
}
