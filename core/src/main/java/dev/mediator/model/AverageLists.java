package dev.mediator.model;

import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.checkpoint.TensorFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Averages that were saved without the names of their tensors: as a list of the parameters in the order of the trained
 * network (torch_ema and diffusers call it {@code shadow_params}), or under names without dots, since a buffer's name may
 * have none (latent diffusion's {@code model_ema}). The trained weights beside them have the names.
 */
final class AverageLists {
    private static final Pattern ELEMENT = Pattern.compile("(.*\\.)(\\d{1,6})");
    private static final String POSITIONS = "pos_embed";

    private AverageLists() {}

    /**
     * @param names name → name in the file
     * @param sets sets of tensors with names; the first one that is not an average gives its names
     */
    static List<WeightSets.WeightSet> of(TensorFile file, Map<String, String> names, List<WeightSets.WeightSet> sets) {
        List<WeightSets.WeightSet> found = new ArrayList<>();
        for (WeightSets.WeightSet trained : sets) {
            if (!trained.isAverage()) {
                found.addAll(lists(file, names, trained));
                withoutDots(names, trained, found);
                if (!found.isEmpty()) {
                    return found;
                }
            }
        }
        return found;
    }

    private static List<WeightSets.WeightSet> lists(
            TensorFile file, Map<String, String> names, WeightSets.WeightSet trained) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (TensorEntry entry : file.entries()) {
            shapes.put(entry.name(), entry.shape());
        }
        Map<String, TreeMap<Integer, String>> lists = new LinkedHashMap<>();
        for (Map.Entry<String, String> name : names.entrySet()) {
            Matcher element = ELEMENT.matcher(name.getKey());
            if (element.matches() && AverageNames.mean(element.group(1), List.of())) {
                lists.computeIfAbsent(element.group(1), prefix -> new TreeMap<>())
                        .put(Integer.valueOf(element.group(2)), name.getValue());
            }
        }
        List<WeightSets.WeightSet> found = new ArrayList<>();
        lists.forEach((prefix, elements) -> {
            List<String> ordered = List.copyOf(elements.values());
            List<String> all = List.copyOf(trained.names().keySet());
            List<String> learnt =
                    all.stream().filter(name -> !name.equals(POSITIONS)).toList();
            for (List<String> order : List.of(all, learnt)) {
                if (fits(order, ordered, trained.names(), shapes)) {
                    Map<String, String> named =
                            new LinkedHashMap<>(trained.names()); // pos_embed stays that of the trained
                    for (int i = 0; i < order.size(); i++) {
                        named.put(order.get(i), ordered.get(i));
                    }
                    found.add(new WeightSets.WeightSet(prefix, true, named));
                    return;
                }
            }
        });
        return found;
    }

    private static boolean fits(
            List<String> order, List<String> elements, Map<String, String> trained, Map<String, List<Long>> shapes) {
        if (order.size() != elements.size()) {
            return false;
        }
        for (int i = 0; i < elements.size(); i++) {
            if (!shapes.getOrDefault(trained.get(order.get(i)), List.of())
                    .equals(shapes.getOrDefault(elements.get(i), List.of()))) {
                return false;
            }
        }
        return true;
    }

    private static void withoutDots(
            Map<String, String> names, WeightSets.WeightSet trained, List<WeightSets.WeightSet> found) {
        String end = WeightSets.FIRST.replace(".", "");
        for (String name : names.keySet()) {
            int dot = name.lastIndexOf('.');
            String prefix = name.substring(0, dot + 1);
            if (!name.endsWith(end) || !AverageNames.mean(prefix, List.of())) {
                continue;
            }
            String start = name.substring(0, name.length() - end.length());
            Map<String, String> named = new LinkedHashMap<>();
            trained.names().forEach((full, original) -> {
                String dotless = names.get(start + full.replace(".", ""));
                if (dotless != null) {
                    named.put(full, dotless);
                } else if (full.equals(POSITIONS)) {
                    named.put(full, original); // is not learnt, so there is no average of it
                }
            });
            found.add(new WeightSets.WeightSet(prefix, true, named));
        }
    }
}
