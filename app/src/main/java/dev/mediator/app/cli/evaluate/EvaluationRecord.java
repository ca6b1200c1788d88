package dev.mediator.app.cli.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.evaluation.EvaluationConfig;
import dev.mediator.evaluation.ExtractorDescription;
import dev.mediator.evaluation.ImagePreparation;
import dev.mediator.evaluation.ScoreWarning;
import dev.mediator.evaluation.Scores;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code evaluation.json}: the scores, and all that they depend on.
 *
 * @param program version of the program and of what it computes with
 * @param settings what was scored, and how
 * @param distanceName what the Fréchet distance is called
 * @param scores what {@code --json} prints
 * @param warnings what to know before believing any of them
 * @param gflopsPerImage multiply-adds of a sample in 10⁹, if that is known
 * @param seconds from the first image to the last score
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EvaluationRecord(
        String program,
        Settings settings,
        String distanceName,
        EvaluationAnswer scores,
        List<ScoreWarning> warnings,
        @Nullable Double gflopsPerImage,
        double seconds) {
    /**
     * What decides the scores.
     *
     * @param samples what was scored
     * @param reference what it was compared with
     * @param extractor whose features
     * @param preparation what was done to images before
     * @param scoring settings of the metrics
     * @param nearest where the nearest training images were searched; null if they were not
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Settings(
            Object samples,
            Reference.Description reference,
            ExtractorDescription extractor,
            ImagePreparation preparation,
            EvaluationConfig scoring,
            NearestSettings.@Nullable Description nearest) {}

    /** The scores as a table for people. */
    static List<String> table(Scores scores, EvaluationAnswer.@Nullable Nearest nearest) {
        List<String> lines = new ArrayList<>();
        ExtractorDescription extractor = scores.extractor();
        if (scores.frechet() != null) {
            lines.add(line(extractor.distanceName(), "%.4f", scores.frechet().value()));
        }
        if (scores.spatialFrechet() != null) {
            lines.add(line(
                    extractor.spatialDistanceName(),
                    "%.4f",
                    scores.spatialFrechet().value()));
        }
        if (scores.inceptionScore() != null) {
            lines.add(line(
                    "inception score",
                    "%.4f ± %.4f",
                    scores.inceptionScore().mean(),
                    scores.inceptionScore().std()));
        }
        if (scores.precisionRecall() != null) {
            lines.add(line("precision", "%.4f", scores.precisionRecall().precision()));
            lines.add(line("recall", "%.4f", scores.precisionRecall().recall()));
        }
        if (scores.kernelDistance() != null) {
            lines.add(line(
                    extractor.fid() ? "KID" : "KD-" + extractor.name(),
                    "%.6f ± %.6f",
                    scores.kernelDistance().mean(),
                    scores.kernelDistance().std()));
        }
        if (scores.classAgreement() != null) {
            lines.add(line(
                    "class agreement", "%.2f %%", 100 * scores.classAgreement().share()));
        }
        if (nearest != null) {
            lines.add(line(
                    "nearest training image",
                    "median %.4g (held-out images %.4g), closest %.4g, %.2f %% closer than 1 in 100 held-out images",
                    nearest.sampleMedian(),
                    nearest.heldOutMedian(),
                    nearest.closest(),
                    100 * nearest.closerShare()));
        }
        return lines;
    }

    private static String line(String name, String format, Object... values) {
        return String.format(Locale.ROOT, "%-23s", name) + String.format(Locale.ROOT, format, values);
    }
}
