package dev.mediator.generation;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.mediator.model.Guidance;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.stepwise.Schedule;

/**
 * What decides a picture besides checkpoint, class and seed. Can be written as JSON and read again.
 *
 * @param sampler equation, solver and steps
 * @param guidance how strongly the class is followed
 * @param schedule what attention goes through, step by step
 */
public record GenerationSettings(
        @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "equation")
        @JsonSubTypes({
            @JsonSubTypes.Type(value = OdeConfig.class, name = "ode"),
            @JsonSubTypes.Type(value = SdeConfig.class, name = "sde")
        })
        SamplerConfig sampler,

        Guidance guidance,
        Schedule schedule) {}
