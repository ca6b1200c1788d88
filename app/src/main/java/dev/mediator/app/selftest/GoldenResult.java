package dev.mediator.app.selftest;

import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * Outcome of one comparison.
 *
 * @param tensor name of the golden tensor
 * @param error max|a − b| / max|b| unless the note says otherwise; NaN if something was not finite, or not compared
 * @param tolerance largest error allowed
 * @param passed true if the error is within the tolerance, or the comparison was skipped for the reason in the note
 * @param note empty, or what is special about this comparison
 */
public record GoldenResult(String tensor, double error, double tolerance, boolean passed, String note) {

    /** Compares by max|a − b| / max|b|; a NaN on either side fails. */
    public static GoldenResult compare(String tensor, Tensor actual, Tensor golden, double tolerance) {
        return of(tensor, Tensors.relativeError(actual, golden), tolerance, "");
    }

    /** Judges an error that was measured in another way, which the note names. */
    public static GoldenResult of(String tensor, double error, double tolerance, String note) {
        return new GoldenResult(tensor, error, tolerance, error <= tolerance, note);
    }

    /** A tensor that the golden file itself marks as not comparable. */
    public static GoldenResult skipped(String tensor, String reason) {
        return new GoldenResult(tensor, Double.NaN, Double.NaN, true, "skipped: " + reason);
    }

    /** False if the comparison was skipped. */
    public boolean wasCompared() {
        return !Double.isNaN(tolerance);
    }

    /** A tensor that could not be recomputed at all, such as one whose computation threw. */
    public static GoldenResult failed(String tensor, String reason) {
        return new GoldenResult(tensor, Double.NaN, 0, false, reason);
    }
}
