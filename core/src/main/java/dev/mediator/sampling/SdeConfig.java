package dev.mediator.sampling;

import dev.mediator.transport.Estimate;
import dev.mediator.transport.PerSample;
import dev.mediator.transport.TimeInterval;
import dev.mediator.transport.Transport;
import org.bytedeco.pytorch.Tensor;

/**
 * Sampling by the SDE dx = [v + w·s] dt + √(2w) dW.
 *
 * @param solver how steps are taken
 * @param form shape of the diffusion w over time
 * @param norm size of the diffusion, above 0
 * @param lastStep how the last stretch to t = 1 is covered
 * @param lastStepSize length of that stretch, above 0 and below 1; 0 if there is no last step
 * @param points K points make K − 1 equal steps before the last step
 */
public record SdeConfig(
        SdeSolver solver, DiffusionForm form, double norm, LastStep lastStep, double lastStepSize, int points)
        implements SamplerConfig {
    /** As many points as the published results take. */
    public static final int DEFAULT_POINTS = 250;

    /** The sampler of the published results: Euler-Maruyama, 250 points, w = σ, mean of the last 0.04: 250 evaluations. */
    public static final SdeConfig DEFAULT = of(SdeSolver.EULER, DEFAULT_POINTS);

    /** Checks norm, last step and points. */
    public SdeConfig {
        OdeConfig.requirePoints(points);
        if (!(norm > 0 && norm < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("diffusion norm is " + norm + ", allowed are finite numbers above 0");
        }
        lastStep.requireSize(lastStepSize);
    }

    /** A solver at this many points, with w = σ and the mean of the last 0.04. */
    public static SdeConfig of(SdeSolver solver, int points) {
        return new SdeConfig(solver, DiffusionForm.SIGMA, 1, LastStep.MEAN, LastStep.MEAN.defaultSize(), points);
    }

    /** The same with another diffusion. */
    public SdeConfig withDiffusion(DiffusionForm newForm, double newNorm) {
        return new SdeConfig(solver, newForm, newNorm, lastStep, lastStepSize, points);
    }

    /** The same with another last step, of its default size. */
    public SdeConfig withLastStep(LastStep newLastStep) {
        return new SdeConfig(solver, form, norm, newLastStep, newLastStep.defaultSize(), points);
    }

    @Override
    public TimeInterval interval(Transport transport) {
        return transport.sdeInterval(form.usesScoreWeight(), lastStepSize);
    }

    @Override
    public boolean isAdaptive() {
        return false;
    }

    @Override
    public boolean isStochastic() {
        return true;
    }

    @Override
    public double[] stageTimes(double t, double dt) {
        return solver.evaluationTimes(t, dt);
    }

    @Override
    public String summary() {
        return "SDE " + solver.label() + ", " + points + " points, diffusion " + form.label() + " of norm " + norm
                + ", " + lastStep.summary(lastStepSize);
    }

    /** dx = [v + w(t)·s] dt + √(2w(t)) dW: velocity and score come from one network evaluation. */
    private record ReverseSde(FlowField field, DiffusionForm form, double norm) implements SdeSolver.Sde {
        @Override
        public Ode.Slope at(PerSample t, Tensor x) {
            Estimate estimate = field.estimate(t, x);
            Tensor drift = estimate.velocity().add(t.map(this::diffusion).scale(estimate.score()));
            return new Ode.Slope(drift, estimate);
        }

        @Override
        public double diffusion(double t) {
            return form.diffusion(field.transport().path(), norm, t);
        }
    }

    @Override
    public Tensor integrate(FlowField field, Tensor x0, NoiseSource noise, StepObserver observer) {
        ReverseSde sde = new ReverseSde(field, form, norm);
        TimeGrid grid = new TimeGrid(interval(field.transport()), points);
        try (SamplingRun run = new SamplingRun(field, this, x0, observer)) {
            run.fixed(grid, (step, t, dt, x) -> solver.step(sde, t, dt, x, noise.stepNoise(step, x)));
            return run.finish(sde, grid.interval().end(), lastStepSize);
        }
    }

    @Override
    public Tensor reverse(FlowField field, Tensor x1, StepObserver observer) {
        throw new IllegalArgumentException(
                "the sampler is '" + summary() + "', which cannot run from data to noise; allowed is an ODE");
    }
}
