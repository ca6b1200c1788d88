package dev.mediator.sampling;

import org.bytedeco.pytorch.Tensor;

/**
 * Outcome of one run.
 *
 * @param x the final state [B, C, H, W], owned by the scope in which the run was started
 * @param evaluations network evaluations of the run
 */
public record SamplingResult(Tensor x, long evaluations) {}
