package dev.mediator.tuning;

import dev.mediator.generation.Generation;
import dev.mediator.sampling.SamplerConfig;

/** How far the pictures of one run are from those of another on the same noise: 0 where they are the same. */
@FunctionalInterface
public interface Fidelity {
    /** Of the final latents, ‖x − r‖ / ‖r‖ with r the latents of the reference. */
    Fidelity LATENT = (run, reference) -> {
        double[] errors = new double[run.latents().size()];
        for (int i = 0; i < errors.length; i++) {
            errors[i] = relative(run.latents().get(i), reference.latents().get(i));
        }
        return errors;
    };

    /**
     * The error of each image.
     *
     * @param run what is measured
     * @param reference the same images, in the same order
     */
    double[] errors(Generation run, Generation reference);

    /** @throws IllegalArgumentException if the solver chooses its own steps: then runs cannot be compared step by step */
    static void requireComparable(SamplerConfig sampler) {
        if (sampler.isAdaptive()) {
            throw new IllegalArgumentException("the sampler is '" + sampler.summary()
                    + "', allowed here are solvers of fixed steps, whose runs can be compared step by step");
        }
    }

    private static double relative(float[] x, float[] reference) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < x.length; i++) {
            double d = (double) x[i] - reference[i];
            difference += d * d;
            size += (double) reference[i] * reference[i];
        }
        return Math.sqrt(difference / size);
    }
}
