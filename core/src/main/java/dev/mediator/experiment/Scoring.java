package dev.mediator.experiment;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.mediator.data.Split;
import dev.mediator.evaluation.extractor.ExtractorKind;
import dev.mediator.model.Guidance;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.tensor.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the networks of an experiment are sampled and scored.
 *
 * @param samples of each set, evenly over the classes
 * @param seeds one set of samples for each, 0 to 2³¹ − 1
 * @param batch samples that are made together
 * @param dtype what the networks compute in, F32 or BF16
 * @param sampler equation, solver and steps, which must be planned
 * @param guidance how strongly the class is followed
 * @param extractor whose features are compared
 * @param weights the extractor's file; null for the one that comes with the program
 * @param reference the part of the data that samples are compared with: all of it for the Fréchet distance, the first as many
 *     images as there are samples for precision, recall and kernel distance
 */
public record Scoring(
        int samples,
        List<Integer> seeds,
        int batch,
        DType dtype,

        @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "equation")
        @JsonSubTypes({
            @JsonSubTypes.Type(value = OdeConfig.class, name = "ode"),
            @JsonSubTypes.Type(value = SdeConfig.class, name = "sde")
        })
        SamplerConfig sampler,

        Guidance guidance,
        ExtractorKind extractor,
        @Nullable String weights,
        Split reference) {
    /** As the published scores are made, save for their 50,000 samples. */
    public static final Scoring DEFAULT = new Scoring(
            10_000,
            List.of(0, 1, 2),
            64,
            DType.BF16,
            OdeConfig.of(OdeSolver.MIDPOINT, 16),
            Guidance.NONE,
            ExtractorKind.FASHION,
            null,
            Split.TRAIN);

    /** The inception score takes 10 parts. */
    private static final int FEWEST = 10;

    public Scoring {
        require(samples >= FEWEST && samples <= 1_000_000, "samples", samples, FEWEST + " to 1000000");
        require(batch >= 1 && batch <= 65536, "batch", batch, "1 to 65536");
        require(dtype == DType.F32 || dtype == DType.BF16, "dtype", dtype, "F32 or BF16");
        seeds = List.copyOf(seeds);
        require(
                !seeds.isEmpty() && seeds.stream().distinct().count() == seeds.size(),
                "seeds",
                seeds,
                "one or more, each once");
        require(seeds.stream().allMatch(seed -> seed >= 0), "seeds", seeds, "numbers of 0 or more");
        require(sampler.plannedSteps().isPresent(), "sampler", sampler.summary(), "a solver of planned steps");
    }

    private static void require(boolean holds, String field, @Nullable Object value, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException("scoring." + field + " is " + value + ", allowed is " + allowed);
        }
    }
}
