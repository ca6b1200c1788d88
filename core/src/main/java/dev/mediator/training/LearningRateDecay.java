package dev.mediator.training;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/** How the learning rate goes on after warm-up, as a factor of its configured value. */
public enum LearningRateDecay {
    /** Stays as it is: the published recipe. */
    CONSTANT {
        @Override
        double factor(double progress) {
            return 1;
        }
    },
    /** Half a cosine down to zero at the last step: better for short trainings. */
    COSINE {
        @Override
        double factor(double progress) {
            return 0.5 * (1 + Math.cos(Math.PI * progress));
        }
    };

    /** @param progress 0 at the end of warm-up, 1 at the last step */
    abstract double factor(double progress);

    /** Factor for an update, counted from 0: up on a line during warm-up, then as this decay says. */
    double withWarmup(long step, int warmupSteps, int steps) {
        if (step < warmupSteps) {
            return (step + 1.0) / warmupSteps;
        }
        double rest = Math.max(1, steps - warmupSteps);
        return factor(Math.min(1, (step - warmupSteps) / rest));
    }

    /** Reads {@code constant} or {@code cosine}. */
    @JsonCreator
    public static LearningRateDecay parse(String text) {
        for (LearningRateDecay decay : values()) {
            if (decay.label().equals(text)) {
                return decay;
            }
        }
        throw new IllegalArgumentException("decay is '" + text + "', allowed are "
                + String.join(
                        ", ",
                        Arrays.stream(values()).map(LearningRateDecay::label).toList()));
    }

    /** Lower-case name, as in configurations. */
    @JsonValue
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
