package dev.mediator.sampling;

import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.transport.Estimate;
import dev.mediator.transport.Network;
import dev.mediator.transport.PerSample;
import dev.mediator.transport.Transport;
import org.bytedeco.pytorch.Tensor;

/**
 * The field that a network defines for one batch, in one run. One evaluation of the network gives velocity and score
 * together; evaluations are counted.
 *
 * <p>For one thread at a time, since it counts evaluations.
 */
public final class FlowField implements Ode {
    private final Network network;
    private final Transport transport;
    private final Tensor y; // [B]
    private long evaluations;

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
        return new Estimate(transport, t, x, predicted);
    }

    /** Velocity, the drift of the probability-flow ODE. */
    @Override
    public Slope at(PerSample t, Tensor x) {
        Estimate estimate = estimate(t, x);
        return new Slope(estimate.velocity(), estimate);
    }

    /** Path and prediction of the network. */
    public Transport transport() {
        return transport;
    }

    /** Evaluations of the network so far. */
    public long evaluations() {
        return evaluations;
    }
}
