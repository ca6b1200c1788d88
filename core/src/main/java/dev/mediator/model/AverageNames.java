package dev.mediator.model;

import java.util.Collection;
import java.util.Locale;
import java.util.regex.Pattern;

/** Whether the names of weights say that they are an average over a training. */
final class AverageNames {
    private static final Pattern AVERAGE =
            Pattern.compile("(.*_)?(ema\\d*|average|averaged|avg|swa|shadow|polyak|exponential_moving_average)(_.*)?");
    private static final Pattern TRAINED = Pattern.compile("online|online_model|online_net|raw|raw_model");

    private AverageNames() {}

    /**
     * True for {@code ema.}, {@code ema_model.}, {@code model_ema.}, {@code callbacks.EMACallback.ema_weights.} and the
     * like; what stands further to the right says more.
     *
     * @param names all names of the file: torch's {@code AveragedModel} tells itself by a counter
     */
    static boolean mean(String prefix, Collection<String> names) {
        boolean average = false;
        for (String segment : prefix.split("\\.", -1)) {
            String words = words(segment);
            if (TRAINED.matcher(words).matches()) {
                average = false;
            } else if (AVERAGE.matcher(words).matches()) {
                average = true;
            }
        }
        boolean counts = prefix.endsWith("module.")
                && names.contains(prefix.substring(0, prefix.length() - "module.".length()) + "n_averaged");
        return average || counts;
    }

    /** A name as lower-case words with underscores between them: {@code EMACallback} is {@code ema_callback}. */
    private static String words(String segment) {
        return segment.replaceAll("([A-Z]+)([A-Z][a-z])", "$1_$2")
                .replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .replaceAll("[^A-Za-z0-9]+", "_")
                .toLowerCase(Locale.ROOT);
    }
}
