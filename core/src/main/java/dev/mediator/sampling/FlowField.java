package dev.mediator.sampling;

import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.transport.Estimate;
import dev.mediator.transport.Network;
import dev.mediator.transport.PerSample;
import dev.mediator.transport.Transport;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The field that a network defines for one batch, in one run. One evaluation of the network gives velocity and score
 * together; evaluations are counted, and those of the current step are remembered for its observer.
 *
 * <p>For one thread at a time, since it counts evaluations.
 */
public final class FlowField implements OdeFunction {
    private final Network network;
    private final Transport transport;
    private final Tensor y; // [B]
    private long evaluations;
    private @Nullable Estimate first;
    private @Nullable Estimate latest;

    /**
     * A field for one run.
     *
     * @param y labels [B] int64
     */
    public FlowField(Network network, Transport transport, Tensor y) {
        this.network = network;
        this.transport = transport;
        this.y = Shapes.require(y, "y", Shapes.ANY);
    }

    /** Evaluates the network once, for everything that follows from its prediction. */
    public Estimate estimate(PerSample t, Tensor x) {
        evaluations++;
        // A handle of our own: a network may hand back its input or a tensor that it keeps.
        Tensor predicted =
                Scope.keepResult(() -> transport.predict(network, t, x, y).alias());
        Estimate estimate = new Estimate(transport, t, x, predicted);
        first = first == null ? estimate : first;
        latest = estimate;
        return estimate;
    }

    /** Velocity, the drift of the probability-flow ODE. */
    @Override
    public Tensor at(PerSample t, Tensor x) {
        return estimate(t, x).velocity();
    }

    /** Path and prediction of the network. */
    public Transport transport() {
        return transport;
    }

    /** Evaluations of the network so far. */
    public long evaluations() {
        return evaluations;
    }

    /** Forgets the estimates of the step before, whose tensors are gone. */
    void beginStep() {
        first = null;
        latest = null;
    }

    /** The first evaluation of this step, at its start for every fixed-step solver. */
    Estimate first() {
        return required(first);
    }

    /** The latest evaluation of this step. */
    Estimate latest() {
        return required(latest);
    }

    private static Estimate required(@Nullable Estimate estimate) {
        if (estimate == null) {
            throw new IllegalStateException("no evaluation has been made in this step");
        }
        return estimate;
    }
}
