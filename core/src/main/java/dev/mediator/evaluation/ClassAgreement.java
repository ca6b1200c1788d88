package dev.mediator.evaluation;

import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
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

    /** agreeing / count. */
    public double share() {
        return (double) agreeing / count;
    }
}
