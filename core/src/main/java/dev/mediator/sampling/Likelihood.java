package dev.mediator.sampling;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Estimate;
import dev.mediator.transport.Network;
import dev.mediator.transport.PerSample;
import dev.mediator.transport.Transport;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Log-likelihood by the change of variables along the ODE (Chen et al., arXiv 1806.07366; Song et al., arXiv 2011.13456):
 * log p(x1) = log N(x0; 0, I) − ∫ div v dt, integrated backwards from data to noise.
 *
 * <p>The divergence is Hutchinson's estimate εᵀ(∂v/∂x)ε, where ε holds random signs that stay fixed along the path. It is
 * unbiased, and exact when the Jacobian is diagonal; more probes reduce its variance. The estimate of a sample depends on
 * its own stream only.
 *
 * @param transport what the network was trained for
 * @param config the ODE's solver
 * @param probes vectors ε per sample, 1 or more; each costs one backward pass per evaluation
 */
public record Likelihood(Transport transport, OdeConfig config, int probes) {
    /** Refuses fewer than one probe. */
    public Likelihood {
        if (probes < 1) {
            throw new IllegalArgumentException("probes is " + probes + ", allowed are 1 or more");
        }
    }

    /**
     * What the ODE says about the probability of given data.
     *
     * @param nats log-density of each sample, natural logarithm, in the units of the data
     * @param divergence integral of the velocity's divergence along each path, from noise to data
     * @param latent the noise that each sample comes from [B, C, H, W], owned by the scope in which the run was started
     * @param evaluations network evaluations, each with one backward pass per probe
     */
    public record Density(PerSample nats, PerSample divergence, Tensor latent, long evaluations) {}

    /**
     * Log-density of each sample.
     *
     * @param network differentiable with respect to its input
     * @param x1 data [B, C, H, W]
     * @param y labels [B] int64
     * @param streams the stream that each sample's probes are drawn from
     * @throws IllegalArgumentException if the network's prediction has no gradient
     */
    public Density evaluate(Network network, Tensor x1, Tensor y, List<RandomStream> streams) {
        Shapes.require(x1, "x1", Shapes.ANY, Shapes.ANY, Shapes.ANY, Shapes.ANY);
        Shapes.require(y, "y", x1.size(0));
        if (streams.size() != x1.size(0)) {
            throw new IllegalArgumentException(
                    "the batch has " + x1.size(0) + " samples, given are " + streams.size() + " streams");
        }
        FlowField field = new FlowField(network, transport, y);
        int width = size(x1);
        try (Scope scope = Scope.open();
                NoGradGuard guard = new NoGradGuard()) {
            List<Tensor> signs = IntStream.range(0, probes)
                    .mapToObj(probe -> signs(streams, probe, x1))
                    .toList();
            Ode augmented = (t, state) -> slope(field, signs, t, state);
            Tensor zero = torch.zeros(new long[] {x1.size(0), 1}, x1.options());
            Tensor start = torch.cat(new TensorVector(x1.flatten(1, -1), zero), 1); // [B, width + 1]
            Tensor end = config.reverse(field, augmented, start, StepObserver.NONE, width, 1);
            Tensor latent = end.narrow(1, 0, width).reshape(Shapes.of(x1));
            PerSample divergence = PerSample.of(end.select(1, width));
            PerSample nats = logPrior(latent).minus(divergence);
            return new Density(nats, divergence, scope.keep(latent), field.evaluations());
        }
    }

    /** Slopes of the state and of ∫ div v, which grows as t falls: [B, width + 1]. */
    private static Ode.Slope slope(FlowField field, List<Tensor> signs, PerSample t, Tensor state) {
        try (Scope scope = Scope.open();
                AutoGradMode recording = new AutoGradMode(true)) {
            long width = state.size(1) - 1;
            Tensor x =
                    state.narrow(1, 0, width).reshape(Shapes.of(signs.get(0))).detach();
            x.requires_grad_(true);
            Estimate estimate = field.estimate(t, x);
            if (!estimate.prediction().requires_grad()) {
                throw new IllegalArgumentException(
                        "the network's prediction has no gradient; the likelihood needs a network that records one");
            }
            Tensor velocity = estimate.velocity();
            Tensor trace = torch.zeros(new long[] {x.size(0)}, x.options());
            for (int probe = 0; probe < signs.size(); probe++) {
                boolean isLast = probe == signs.size() - 1;
                trace = trace.add(probedTrace(velocity, x, signs.get(probe), !isLast));
            }
            Tensor divergence =
                    trace.detach().div(new Scalar((double) signs.size())).unsqueeze(1);
            Tensor both = torch.cat(new TensorVector(velocity.detach().flatten(1, -1), divergence.neg()), 1);
            return new Ode.Slope(scope.keep(both), estimate);
        }
    }

    /** εᵀ(∂v/∂x)ε of each sample [B]. */
    private static Tensor probedTrace(Tensor velocity, Tensor x, Tensor signs, boolean keepGraph) {
        TensorVector product = torch.grad(
                new TensorVector(velocity),
                new TensorVector(x),
                new TensorVector(signs),
                new BoolOptional(keepGraph),
                false,
                false);
        return product.get(0).mul(signs).flatten(1, -1).sum(1);
    }

    private static Tensor signs(List<RandomStream> streams, int probe, Tensor like) {
        long[] shape = Shapes.of(like);
        int width = size(like);
        double[] values = streams.stream()
                .flatMapToDouble(stream -> Arrays.stream(stream.uniforms(probe, width)))
                .map(u -> u < 0.5 ? -1 : 1)
                .toArray();
        return Tensors.like(Tensors.of(values, shape), like);
    }

    private static PerSample logPrior(Tensor latent) {
        double constant = 0.5 * size(latent) * Math.log(2 * Math.PI);
        Tensor squares = Tensors.to(latent, DType.F64).square().flatten(1, -1).sum(1);
        return PerSample.of(squares).map(s -> -0.5 * s - constant);
    }

    private static int size(Tensor batch) {
        return Math.toIntExact(batch.numel() / batch.size(0));
    }
}
