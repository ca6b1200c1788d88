package dev.mediator.app.cli.option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Short names by which several things are told apart, even where their own names are the same. */
public final class DistinctNames {
    private DistinctNames() {}

    /** File names, with as many folders before them as it takes: {@code a/x.json} and {@code b/x.json}. */
    public static List<String> ofFiles(List<Path> files) {
        List<Path> whole =
                files.stream().map(file -> file.toAbsolutePath().normalize()).toList();
        int[] parts = new int[whole.size()];
        Arrays.fill(parts, 1);
        List<String> names = names(whole, parts);
        while (lengthen(whole, parts, names)) {
            names = names(whole, parts);
        }
        return numbered(names);
    }

    /** The names, and from the second of the same name on with its number: {@code x}, {@code x (2)}. */
    public static List<String> numbered(List<String> names) {
        Set<String> given = new HashSet<>(names);
        Set<String> used = new HashSet<>();
        List<String> distinct = new ArrayList<>();
        for (String name : names) {
            String unique = name;
            for (int i = 2; !used.add(unique); i++) {
                String numbered = name + " (" + i + ")";
                unique = given.contains(numbered) ? name : numbered;
            }
            distinct.add(unique);
        }
        return distinct;
    }

    /** A, B, …, Z, AA, AB, … */
    public static String letters(int index) {
        String last = Character.toString('A' + index % 26);
        return index < 26 ? last : letters(index / 26 - 1) + last;
    }

    private static List<String> names(List<Path> whole, int... parts) {
        return IntStream.range(0, parts.length)
                .mapToObj(i -> {
                    Path file = whole.get(i);
                    int count = file.getNameCount();
                    return (count == 0 ? file : file.subpath(count - Math.min(parts[i], count), count)).toString();
                })
                .toList();
    }

    /** One folder more for each that has the name of another file; false if there is nothing to do. */
    private static boolean lengthen(List<Path> whole, int[] parts, List<String> names) {
        Map<String, Long> filesOfName = IntStream.range(0, parts.length)
                .boxed()
                .collect(Collectors.groupingBy(
                        names::get, Collectors.collectingAndThen(Collectors.toList(), places -> places.stream()
                                .map(whole::get)
                                .distinct()
                                .count())));
        boolean lengthened = false;
        for (int i = 0; i < parts.length; i++) {
            if (filesOfName.getOrDefault(names.get(i), 1L) > 1
                    && parts[i] < whole.get(i).getNameCount()) {
                parts[i]++;
                lengthened = true;
            }
        }
        return lengthened;
    }
}
