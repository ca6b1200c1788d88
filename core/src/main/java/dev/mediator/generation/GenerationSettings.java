package dev.mediator.generation;

import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.SamplerConfig;

/**
 * What decides a picture besides checkpoint, class and seed.
 *
 * @param sampler equation, solver and steps
 * @param guidance how strongly the class is followed
 * @param mediators what attention goes through
 */
public record GenerationSettings(SamplerConfig sampler, Guidance guidance, MediatorCount mediators) {}
