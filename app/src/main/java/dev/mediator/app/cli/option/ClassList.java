package dev.mediator.app.cli.option;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/** Reads {@code --classes} and {@code --class}. */
public final class ClassList {
    private ClassList() {}

    /** Labels for {@code all}, or for a list of names (in any case) and numbers. */
    public static List<Integer> parse(String text, List<String> names) {
        if (text.strip().equalsIgnoreCase("all")) {
            return IntStream.range(0, names.size()).boxed().toList();
        }
        Set<Integer> labels = new LinkedHashSet<>();
        for (String part : text.split(",", -1)) {
            labels.add(find(part.strip(), names)
                    .orElseThrow(() -> new IllegalArgumentException("--classes has '" + part.strip()
                            + "', allowed are 0 to " + (names.size() - 1) + ", all, and " + list(names))));
        }
        return new ArrayList<>(labels);
    }

    /** The label of a single class, its name (in any case) or number: {@code --class}. */
    public static int parseOne(String text, List<String> names) {
        return find(text.strip(), names)
                .orElseThrow(() -> new IllegalArgumentException(
                        "--class is '" + text + "', allowed are 0 to " + (names.size() - 1) + ", and " + list(names)));
    }

    private static OptionalInt find(String part, List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(part)) {
                return OptionalInt.of(i);
            }
        }
        try {
            int label = Integer.parseInt(part);
            return label >= 0 && label < names.size() ? OptionalInt.of(label) : OptionalInt.empty();
        } catch (NumberFormatException e) {
            return OptionalInt.empty(); // neither name nor number
        }
    }

    private static String list(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(names.size(), 20))) + (names.size() > 20 ? ", …" : "");
    }
}
