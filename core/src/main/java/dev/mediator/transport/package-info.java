/**
 * The generative process that a network is trained for: how noise turns into data, and what the network says about it.
 *
 * <p>A <em>stochastic interpolant</em> joins noise x0 ~ N(0, I) at t = 0 with data x1 at t = 1: xt = α(t)·x1 + σ(t)·x0.
 * A network that knows, for each xt, the mean velocity of the samples passing through it (or, equivalently, the score
 * ∇log p or the mean noise) knows how to carry noise to data. The three answers are linear in each other, with
 * coefficients given by the path alone, so that a sampler takes whichever it needs from one network evaluation.
 *
 * <p>Albergo, Boffi, Vanden-Eijnden, "Stochastic Interpolants" (arXiv 2303.08797); Ma et al., "SiT" (arXiv 2401.08740);
 * Song et al., "Score-Based Generative Modeling through SDEs" (arXiv 2011.13456) for the VP path.
 *
 * <p>Coefficients are computed on the host in fp64 from a time per sample ({@link dev.mediator.transport.PerSample}) and
 * only then cast to the state's type: 1 − exp(2ℓ) or σ² − (α/α̇)σ̇σ written in fp32 lose the digits that matter near the
 * ends of the interval.
 */
@NullMarked
package dev.mediator.transport;

import org.jspecify.annotations.NullMarked;
