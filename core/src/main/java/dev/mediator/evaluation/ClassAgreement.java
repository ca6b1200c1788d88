package dev.mediator.evaluation;

import dev.mediator.checkpoint.pickle.Quoted;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * How many samples a classifier takes for the class that was asked for.
 *
 * @param agreeing samples of which the class asked for has the largest logit, the first one where several are equal
 * @param count samples
 */
public record ClassAgreement(long agreeing, long count) {
    private static final int MOST_SHOWN = 3;

    /**
     * Compares classes.
     *
     * @param logits [N, K]
     * @param labels N classes in 0…K − 1
     */
    public static ClassAgreement of(Tensor logits, long[] labels) {
        Shapes.require(logits, "the logits", labels.length, Shapes.ANY);
        if (labels.length == 0) {
            throw new IllegalArgumentException("there is no sample");
        }
        for (long label : labels) {
            if (label < 0 || label >= logits.size(1)) {
                throw new IllegalArgumentException(
                        "a class is " + label + ", the classifier knows 0 to " + (logits.size(1) - 1));
            }
        }
        try (Scope scope = Scope.open()) {
            Tensor found = logits.argmax(new LongOptional(1), false);
            return new ClassAgreement(
                    found.eq(Tensors.of(labels, labels.length)).sum().item_long(), labels.length);
        }
    }

    /**
     * The labels of classes that are known by name or number. Numbers are the classifier's only if the largest is its last class: else
     * they may be those of another data set, with fewer classes.
     *
     * @param classes of the images
     * @param names of the classifier's classes, in the order of its logits
     * @return empty if there are no images or names, or the classes are not the classifier's
     */
    public static Optional<long[]> labels(List<String> classes, List<String> names) {
        Map<String, Long> known = new HashMap<>();
        for (int label = 0; label < names.size(); label++) {
            known.put(Integer.toString(label), (long) label);
            known.put(names.get(label).toLowerCase(Locale.ROOT), (long) label);
        }
        long[] labels = new long[classes.size()];
        long largestNumber = -1;
        for (int i = 0; i < labels.length; i++) {
            Long label = known.get(classes.get(i).toLowerCase(Locale.ROOT));
            if (label == null) {
                return Optional.empty();
            }
            labels[i] = label;
            if (classes.get(i).equals(label.toString())) {
                largestNumber = Math.max(largestNumber, label);
            }
        }
        boolean ofAnother = largestNumber >= 0 && largestNumber < names.size() - 1;
        return labels.length == 0 || ofAnother ? Optional.empty() : Optional.of(labels);
    }

    /**
     * Why there is no agreement to compute, though the samples have classes and the classifier's are known by name.
     *
     * @param classes of the images
     * @param names of the classifier's classes
     * @return empty if there is one, or nothing to compare
     */
    public static Optional<ScoreWarning> leftOut(List<String> classes, List<String> names) {
        if (classes.isEmpty() || names.isEmpty() || labels(classes, names).isPresent()) {
            return Optional.empty();
        }
        List<String> found = classes.stream().distinct().sorted().toList();
        boolean fewer = labels(
                        Stream.concat(classes.stream(), Stream.of(Integer.toString(names.size() - 1)))
                                .toList(),
                        names)
                .isPresent();
        String text = "class agreement is left out: the samples' classes (" + shown(found) + ") "
                + (fewer
                        ? "may be numbers of another data set, since none is " + (names.size() - 1)
                                + "; the classifier's are "
                        : "are not all of the classifier's, ")
                + "0 to " + (names.size() - 1) + " or " + shown(names);
        return Optional.of(new ScoreWarning(ScoreWarning.Kind.LEFT_OUT, text));
    }

    private static String shown(List<String> names) {
        return names.stream().limit(MOST_SHOWN).map(name -> Quoted.of(name)).collect(Collectors.joining(", "))
                + (names.size() > MOST_SHOWN ? ", …" : "");
    }

    /** agreeing / count. */
    public double share() {
        return (double) agreeing / count;
    }
}
