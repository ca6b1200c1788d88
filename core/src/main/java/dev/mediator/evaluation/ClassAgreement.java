package dev.mediator.evaluation;

import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * How many samples a classifier takes for the class that was asked for.
 *
 * @param agreeing samples of which the class asked for has the largest logit, the first one where several are equal
 * @param count samples
 */
public record ClassAgreement(long agreeing, long count) {
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

    /** agreeing / count. */
    public double share() {
        return (double) agreeing / count;
    }
}
