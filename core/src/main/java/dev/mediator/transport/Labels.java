package dev.mediator.transport;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The words by which closed choices are known in JSON and on the command line: lower case, hyphens between words. */
public final class Labels {
    private Labels() {}

    /** The word of one choice, such as {@code increasing-decreasing}. */
    public static String of(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A word as it is compared: in lower case, without blanks around it. */
    public static String word(String text) {
        return text.strip().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a word, in any case.
     *
     * @param setting what the word sets, for the message
     * @throws IllegalArgumentException if no choice has this word; the message lists those that are allowed
     */
    public static <E extends Enum<E>> E parse(Class<E> choices, String setting, String text) {
        String word = word(text);
        for (E choice : choices.getEnumConstants()) {
            if (of(choice).equals(word)) {
                return choice;
            }
        }
        throw new IllegalArgumentException(setting + " is '" + text + "', allowed are " + list(choices));
    }

    private static <E extends Enum<E>> String list(Class<E> choices) {
        List<String> words =
                Arrays.stream(choices.getEnumConstants()).map(Labels::of).toList();
        int last = words.size() - 1;
        return words.stream().limit(last).collect(Collectors.joining(", ")) + " and " + words.get(last);
    }
}
