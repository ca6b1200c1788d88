package dev.mediator.sampling;

import dev.mediator.tensor.Cancellation;
import dev.mediator.tensor.OwnedTensor;
import dev.mediator.tensor.Scope;
import dev.mediator.transport.Estimate;
import dev.mediator.transport.PerSample;
import dev.mediator.transport.TimeInterval;
import dev.mediator.transport.Transport;
import java.util.Objects;
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
        this.plannedSteps = config.plannedSteps().orElse(-1);
        state.set(x0);
    }

    /** A solver of fixed steps. */
    @FunctionalInterface
    interface Stepper {
        /** Takes step number {@code step}, from 0, from {@code t} to t + dt. */
        Ode.Step step(int step, PerSample t, PerSample dt, Tensor x);
    }

    /** Takes the steps of a grid. */
    void fixed(TimeGrid grid, Stepper stepper) {
        for (int i = 0; i < grid.steps(); i++) {
            step(grid.time(i), grid.dt(i), false, stepper);
        }
    }

    /** Takes one step of the whole batch in a scope of its own. */
    private void step(double time, double length, boolean isClosing, Stepper stepper) {
        Cancellation.check();
        try (Scope scope = Scope.open()) {
            int batch = Math.toIntExact(state.get().size(0));
            PerSample t = PerSample.uniform(batch, time);
            PerSample dt = PerSample.uniform(batch, length);
            Ode.Step done = stepper.step(index, t, dt, state.get());
            int number = index + 1;
            finite.require(done.state(), () -> notFinite(number, time, length));
            // Before the old state goes: the observer may ask what the network said of it.
            report(t, dt, done.state(), Objects.requireNonNull(done.estimate()), isClosing);
            state.set(done.state());
        }
    }

    /** Takes the steps that an adaptive solver chooses. A step that is accepted for no sample is not reported. */
    void adaptive(DormandPrince solver, Ode f, TimeInterval interval, int... widths) {
        DormandPrince.AttemptListener listener = attempt -> {
            PerSample dt = attempt.reached().minus(attempt.t());
            if (!dt.equals(dt.map(s -> 0))) {
                report(attempt.t(), dt, attempt.state(), Objects.requireNonNull(attempt.estimate()), false);
            }
        };
        state.set(solver.solve(f, state.get(), interval, listener, widths));
    }

    /** Tells the observer of a step and counts it. */
    private void report(PerSample t, PerSample dt, Tensor next, Estimate estimate, boolean isClosing) {
        Cancellation.check();
        observer.onStep(new SamplerStep(index, plannedSteps, t, dt, next, estimate, field.evaluations(), isClosing));
        index++;
    }

    /**
     * Takes the last step, if there is one.
     *
     * @param drift of the equation that is integrated
     * @param end where the steps before it ended
     * @param size of the last step
     * @return the final state, handed to the scope around
     * @throws SamplingException if a state on the way was not finite
     */
    Tensor finish(Ode drift, double end, double size) {
        LastStep last = config.lastStep();
        if (last != LastStep.NONE) {
            step(end, size, true, (step, t, dt, x) -> last.apply(field, drift, t, dt, x));
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
