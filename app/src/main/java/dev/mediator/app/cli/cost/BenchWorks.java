package dev.mediator.app.cli.cost;

import dev.mediator.app.bench.InferenceWork;
import dev.mediator.transport.Labels;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * What {@code --measure} names.
 *
 * @param inference works without gradients
 * @param training whether a training step too
 */
record BenchWorks(Set<InferenceWork> inference, boolean training) {
    private static final String TRAINING = "training";

    BenchWorks {
        inference = Collections.unmodifiableSet(inference);
    }

    /** Reads {@code forward,guided,step,image,training}. */
    static BenchWorks parse(String list) {
        EnumSet<InferenceWork> inference = EnumSet.noneOf(InferenceWork.class);
        boolean training = false;
        for (String part : list.split(",", -1)) {
            String word = Labels.word(part);
            if (word.equals(TRAINING)) {
                training = true;
            } else {
                inference.add(inference(word, list));
            }
        }
        return new BenchWorks(inference, training);
    }

    private static InferenceWork inference(String word, String list) {
        for (InferenceWork work : InferenceWork.values()) {
            if (work.name().toLowerCase(Locale.ROOT).equals(word)) {
                return work;
            }
        }
        throw new IllegalArgumentException("--measure is '" + list
                + "', allowed are forward, guided, step, image and training, with commas between");
    }
}
