package dev.mediator.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Averages beside each trained tensor, under its name and a suffix: {@code x_embedder.proj.weight_ema}, as some trainings register
 * them as buffers.
 */
final class AverageSuffixes {
    private static final Pattern FIRST = Pattern.compile("(|.*\\.)" + Pattern.quote(WeightSets.FIRST) + "([._]\\w+)");
    private static final String POSITIONS = "pos_embed";

    private AverageSuffixes() {}

    /**
     * The sets that are named so.
     *
     * @param names name → name in the file
     */
    static List<WeightSets.WeightSet> of(Map<String, String> names) {
        return names.keySet().stream()
                .map(FIRST::matcher)
                .filter(name -> name.matches() && AverageNames.mean(name.group(2) + ".", List.of()))
                .map(name -> set(name, names))
                .toList();
    }

    private static WeightSets.WeightSet set(Matcher first, Map<String, String> names) {
        String prefix = first.group(1);
        String suffix = first.group(2);
        Map<String, String> found = new LinkedHashMap<>();
        names.forEach((name, original) -> {
            if (name.startsWith(prefix) && name.endsWith(suffix)) {
                found.put(name.substring(prefix.length(), name.length() - suffix.length()), original);
            }
        });
        String positions = names.get(prefix + POSITIONS);
        if (positions != null) {
            found.putIfAbsent(POSITIONS, positions); // is not learnt, so there may be no average of it
        }
        return new WeightSets.WeightSet(prefix + "*" + suffix, true, found);
    }
}
