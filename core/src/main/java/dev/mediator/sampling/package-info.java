/**
 * From noise to data: ODE and SDE solvers over a network's velocity and score, and the likelihood that the ODE gives.
 *
 * <p>A velocity field v(x, t) defines the probability-flow ODE dx = v dt. For any diffusion w(t) ≥ 0 the SDE dx = [v + w·∇log
 * p] dt + √(2w) dW has the same marginals (Song et al., arXiv 2011.13456; SiT, arXiv 2401.08740): the ODE needs few steps
 * and is invertible, the SDE corrects its errors as it goes and gives the better images at many steps.
 *
 * <p>The parts: a {@link dev.mediator.sampling.TimeGrid} says where the steps lie, a {@link
 * dev.mediator.sampling.FlowField} evaluates the network (once per evaluation, for velocity and score together) and counts,
 * solvers ({@link dev.mediator.sampling.OdeSolver}, {@link dev.mediator.sampling.SdeSolver}) are pure functions of one step,
 * a {@link dev.mediator.sampling.NoiseSource} brings the randomness, and a {@link dev.mediator.sampling.StepObserver}
 * listens. {@link dev.mediator.sampling.Sampler} puts them together according to a {@link
 * dev.mediator.sampling.SamplerConfig}.
 *
 * <p>Whatever is computed for a sample depends on that sample alone: it owns its noise, and adaptive steps are chosen per
 * sample. Each step runs in a memory scope of its own and its state is checked to be finite.
 */
@NullMarked
package dev.mediator.sampling;

import org.jspecify.annotations.NullMarked;
