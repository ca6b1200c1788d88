package dev.mediator.app.cli.command;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that a command was given, to say them again in a command that goes on with its work. */
public final class GivenOptions {
    private GivenOptions() {}

    /**
     * Names and values in the order in which they were given; first come options before the command's name.
     *
     * @param without long names of options to leave out
     */
    public static List<String> of(CommandSpec command, Set<String> without) {
        Deque<CommandSpec> fromTheRoot = new ArrayDeque<>();
        for (@Nullable CommandSpec spec = command; spec != null; spec = spec.parent()) {
            fromTheRoot.addFirst(spec);
        }
        List<String> words = new ArrayList<>();
        for (CommandSpec spec : fromTheRoot) {
            for (OptionSpec option :
                    new LinkedHashSet<>(spec.commandLine().getParseResult().matchedOptions())) { // repeated ones once
                if (!without.contains(option.longestName())) {
                    add(option, words);
                }
            }
        }
        return words;
    }

    private static void add(OptionSpec option, List<String> words) {
        if (option.arity().max() == 0) {
            words.add(option.longestName());
            return;
        }
        for (String value : option.originalStringValues()) {
            words.add(option.longestName());
            words.add(value);
        }
    }

    /** Words as they are typed into a shell. */
    public static String forShell(List<String> words) {
        return words.stream().map(GivenOptions::quoted).collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return word.matches("[\\p{L}\\p{N}_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
