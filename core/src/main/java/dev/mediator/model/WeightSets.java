package dev.mediator.model;

import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.checkpoint.TensorFile;
import dev.mediator.checkpoint.Weights;
import dev.mediator.checkpoint.pickle.Quoted;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The sets of a network's weights in a file, wherever it has them: whatever stands before the name of the first layer is
 * the prefix of a set. The prefix tells whether they are an average, which others save as {@code ema}, {@code ema_model},
 * {@code model_ema}, {@code params_ema}, {@code state_dict_ema} or in a callback; lists of parameters without names and
 * names without dots get their names from the set that is trained. An average may also be beside each trained tensor, under its name
 * and a suffix.
 */
final class WeightSets {
    static final String FIRST = "x_embedder.proj.weight";

    /** What FSDP, torch.compile and activation checkpointing put into names, anywhere. */
    private static final Pattern WRAPPER =
            Pattern.compile("(^|\\.)(_fsdp_wrapped_module|_orig_mod|_checkpoint_wrapped_module)(?=\\.)");

    private static final Pattern NETWORK =
            Pattern.compile("pos_embed|(x_embedder|t_embedder|y_embedder|blocks|final_layer)\\..+");

    /** States of optimizers, which have the names of what they optimize. */
    private static final Set<String> NO_WEIGHTS = Set.of(
            "opt", "optim", "optimizer", "optimizers", "optimizer_states", "adam_m", "adam_v", "exp_avg", "exp_avg_sq");

    private static final int MOST_SHOWN = 8;

    /**
     * One set.
     *
     * @param prefix what its names begin with in the file, with a dot at the end
     * @param names name in the network → name in the file
     */
    record WeightSet(String prefix, boolean isAverage, Map<String, String> names) {
        /** The keys that lead to it. */
        String key() {
            return prefix.endsWith(".") ? prefix.substring(0, prefix.length() - 1) : prefix;
        }

        boolean isUnder(String key) {
            return prefix.equals(key + ".") || prefix.startsWith(key + ".") || key.isEmpty();
        }

        @Override
        public String toString() {
            return "'" + Quoted.of(key()) + "' (" + names.size() + " tensors)";
        }
    }

    private final TensorFile file;
    private final Map<String, String> names = new LinkedHashMap<>(); // without wrappers → in the file
    private final List<WeightSet> sets = new ArrayList<>();

    private WeightSets(TensorFile file, String key, String stripPrefix) throws IOException {
        this.file = file;
        String start = key.isEmpty() ? "" : key + ".";
        Stream<String> read = file.entries().stream().map(TensorEntry::name);
        Stream.concat(read, file.refused().keySet().stream()).forEach(original -> {
            if (original.startsWith(start)) {
                String name =
                        WRAPPER.matcher(original.substring(start.length())).replaceAll("");
                name = name.startsWith(".") ? name.substring(1) : name;
                name = name.startsWith(stripPrefix) ? name.substring(stripPrefix.length()) : name;
                names.put(start + name, original);
            }
        });
        if (names.isEmpty()) {
            throw new IOException(file.file() + " has no tensors under --weights-key '" + key + "'; " + found(file));
        }
        collect();
        sets.addAll(AverageLists.of(file, names, sets));
        sets.addAll(AverageSuffixes.of(names));
        sets.removeIf(set -> !set.isUnder(key));
    }

    private void collect() {
        for (String name : names.keySet()) {
            if (name.equals(FIRST) || name.endsWith("." + FIRST)) {
                String prefix = name.substring(0, name.length() - FIRST.length());
                if (isWeights(prefix)) {
                    sets.add(new WeightSet(prefix, AverageNames.mean(prefix, names.keySet()), under(prefix)));
                }
            }
        }
    }

    private static boolean isWeights(String prefix) {
        for (String segment : prefix.split("\\.", -1)) {
            if (NO_WEIGHTS.contains(segment)) {
                return false;
            }
        }
        return true;
    }

    /** The tensors below a prefix, without averages; below the empty prefix, only names of the network. */
    private Map<String, String> under(String prefix) {
        Map<String, String> found = new LinkedHashMap<>();
        names.forEach((name, original) -> {
            if (name.startsWith(prefix) && (!prefix.isEmpty() || isOfNetwork(name))) {
                String rest = name.substring(prefix.length());
                if (!AverageNames.mean(rest + ".", List.of())) {
                    found.put(rest, original);
                }
            }
        });
        return found;
    }

    /** At the top of a file everything else is, too, if it holds several sets. */
    private boolean isOfNetwork(String name) {
        return NETWORK.matcher(name).matches()
                || names.keySet().stream().noneMatch(other -> other.endsWith("." + FIRST));
    }

    /**
     * The wanted weights.
     *
     * @throws IOException if the file has other ones only, or several that could be meant; the message lists what there is
     */
    static TensorFile choose(TensorFile file, Weights wanted) throws IOException {
        WeightSets found = new WeightSets(file, wanted.key(), wanted.stripPrefix());
        WeightSet chosen = found.chosen(wanted);
        for (Map.Entry<String, String> refused : file.refused().entrySet()) {
            if (chosen.names().containsValue(refused.getKey())) {
                throw new IOException(file.file() + ": tensor '" + Quoted.of(refused.getKey())
                        + "' of the network cannot be read: it has " + refused.getValue());
            }
        }
        return file.select(chosen.names());
    }

    /** Any weights, to tell the network's shape from. */
    static TensorFile any(TensorFile file) throws IOException {
        List<WeightSet> sets = new ArrayList<>(new WeightSets(file, "", "").sets);
        sets.removeIf(set -> set.names().values().stream().anyMatch(file.refused()::containsKey));
        if (sets.isEmpty()) {
            throw none(file, Weights.EMA);
        }
        return file.select(sets.get(0).names());
    }

    /** True if there is a set that such a choice could find. */
    static boolean isIn(TensorFile file) {
        return Stream.concat(file.entries().stream().map(TensorEntry::name), file.refused().keySet().stream())
                .anyMatch(name -> name.endsWith(FIRST));
    }

    private WeightSet chosen(Weights wanted) throws IOException {
        if (sets.isEmpty()) {
            throw none(file, wanted);
        } else if (!wanted.key().isEmpty()) {
            List<WeightSet> exact =
                    sets.stream().filter(set -> set.key().equals(wanted.key())).toList();
            return exact.size() == 1 ? exact.get(0) : only(sets, "under '" + wanted.key() + "'");
        }
        List<WeightSet> averages = sets.stream().filter(WeightSet::isAverage).toList();
        List<WeightSet> others = sets.stream().filter(set -> !set.isAverage()).toList();
        if (wanted.isAverage()) {
            boolean isOther = !others.isEmpty() && others.stream().allMatch(WeightSets::isTraining);
            if (averages.isEmpty() && isOther) {
                throw missing(wanted, others, Weights.MODEL);
            }
            if (averages.isEmpty()) {
                requireNoOtherAverage(others);
            }
            return averages.isEmpty() ? only(others, "and none is named as an average") : only(averages, "of averages");
        } else if (others.isEmpty()) {
            throw missing(wanted, averages, Weights.EMA);
        }
        List<WeightSet> training =
                others.stream().filter(WeightSets::isTraining).toList();
        return training.size() == 1 ? training.get(0) : only(others, "that are no averages");
    }

    /** An average that is there, but in no form that is understood, must not be passed over for the trained weights. */
    private void requireNoOtherAverage(List<WeightSet> others) throws IOException {
        Map<String, Long> averages = names.keySet().stream()
                .filter(name -> isWeights(name)
                        && (AverageNames.mean(name.substring(0, name.lastIndexOf('.') + 1), names.keySet())
                                || AverageNames.mean(name + ".", List.of())))
                .collect(Collectors.groupingBy(WeightSets::top, LinkedHashMap::new, Collectors.counting()));
        long count = averages.values().stream().mapToLong(Long::longValue).sum();
        if (2 * count >= others.get(0).names().size()) {
            throw new IOException(file.file() + " has an average that does not fit the network's tensors, in "
                    + averages.entrySet().stream()
                            .map(e -> "'" + Quoted.of(e.getKey()) + "' (" + e.getValue() + " tensors)")
                            .collect(Collectors.joining(", "))
                    + "; --weights model takes " + shown(others));
        }
    }

    /** A set named as a training of this program or of SiT does: beside it an average would be. */
    private static boolean isTraining(WeightSet set) {
        return set.prefix().startsWith(Weights.MODEL.prefix());
    }

    private WeightSet only(List<WeightSet> choice, String which) throws IOException {
        if (choice.size() == 1) {
            return choice.get(0);
        }
        throw new IOException(file.file() + " has " + choice.size() + " sets of weights " + which + ": " + shown(choice)
                + "; --weights-key KEY takes one of them");
    }

    private IOException missing(Weights wanted, List<WeightSet> there, Weights other) {
        return new IOException(file.file() + " has no '" + wanted.group() + "' weights, only " + shown(there)
                + "; --weights " + other.group() + " takes those");
    }

    private static String shown(List<WeightSet> sets) {
        return sets.stream().limit(MOST_SHOWN).map(WeightSet::toString).collect(Collectors.joining(", "));
    }

    private static IOException none(TensorFile file, Weights wanted) {
        String where = wanted.key().isEmpty() ? "" : " under --weights-key '" + wanted.key() + "'";
        return new IOException(file.file() + ": its tensors are of no network that is known: it has no tensor '" + FIRST
                + "'" + where + "; " + found(file) + ". --weights-key KEY and --strip-prefix PREFIX take weights from"
                + " another place; in Python: torch.save(model.state_dict(), \"weights.pt\")");
    }

    /** The groups of tensors at the top of a file, and how many of their names are of such a network. */
    private static String found(TensorFile file) {
        Map<String, List<String>> groups = file.entries().stream()
                .map(TensorEntry::name)
                .collect(Collectors.groupingBy(WeightSets::top, LinkedHashMap::new, Collectors.toList()));
        Predicate<String> fits =
                name -> Pattern.compile("(^|\\.)" + NETWORK.pattern().replace("|(", "$|(^|\\.)("))
                        .matcher(name)
                        .find();
        return "found are "
                + groups.entrySet().stream()
                        .limit(MOST_SHOWN)
                        .map(group -> "'" + Quoted.of(group.getKey()) + "' ("
                                + group.getValue().size() + " tensors, "
                                + group.getValue().stream().filter(fits).count() + " with names of such a network)")
                        .collect(Collectors.joining(", "))
                + (groups.size() > MOST_SHOWN ? " and " + (groups.size() - MOST_SHOWN) + " more" : "");
    }

    private static String top(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }
}
