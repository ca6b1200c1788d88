package dev.mediator.app.cli.option;

import dev.mediator.model.Guidance;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.stepwise.Schedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The schedules of an option that may be given several times, each once, by names that tell them apart. */
public final class NamedSchedules {
    private NamedSchedules() {}

    /**
     * Reads schedules in their order. One in a file is called as the file is.
     *
     * @throws IllegalArgumentException if a text is none, or a file's schedule was made for another way of sampling
     * @throws IOException if a file cannot be read or holds none
     */
    public static Map<String, Schedule> read(List<String> texts, SamplerConfig sampler, Guidance guidance)
            throws IOException {
        Map<Path, String> textOfFile = new LinkedHashMap<>();
        Set<String> once = new LinkedHashSet<>();
        for (String text : texts) {
            String word = text.strip();
            once.add(
                    isFile(word)
                            ? textOfFile.computeIfAbsent(
                                    Path.of(word).toAbsolutePath().normalize(), file -> word)
                            : word);
        }
        List<String> names = DistinctNames.ofFiles(List.copyOf(textOfFile.keySet()));
        Map<String, String> nameOfText = new LinkedHashMap<>();
        for (String word : textOfFile.values()) {
            nameOfText.put(word, names.get(nameOfText.size()));
        }
        List<Schedule> schedules = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        for (String word : once) {
            schedules.add(Schedule.parseOrRead(word, sampler, guidance));
            labels.add(nameOfText.getOrDefault(word, word));
        }
        Map<String, Schedule> named = new LinkedHashMap<>();
        for (String label : DistinctNames.numbered(labels)) {
            named.put(label, schedules.get(named.size()));
        }
        return named;
    }

    private static boolean isFile(String text) {
        return text.endsWith(".json");
    }
}
