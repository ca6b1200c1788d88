package dev.mediator.app.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Reads {@code --classes}. */
final class ClassList {
    private ClassList() {}

    /** Labels for {@code all}, or for a list of names (in any case) and numbers. */
    static List<Integer> parse(String text, List<String> names) {
        if (text.strip().equalsIgnoreCase("all")) {
            return IntStream.range(0, names.size()).boxed().toList();
        }
        Set<Integer> labels = new LinkedHashSet<>();
        for (String part : text.split(",", -1)) {
            labels.add(label(part.strip(), names));
        }
        return new ArrayList<>(labels);
    }

    private static int label(String part, List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(part)) {
                return i;
            }
        }
        try {
            int label = Integer.parseInt(part);
            if (label >= 0 && label < names.size()) {
                return label;
            }
        } catch (NumberFormatException e) {
            // neither name nor number: the message below lists what is allowed
        }
        throw new IllegalArgumentException("--classes has '" + part + "', allowed are 0 to " + (names.size() - 1)
                + ", all, and " + String.join(", ", names.subList(0, Math.min(names.size(), 20)))
                + (names.size() > 20 ? ", …" : ""));
    }
}
