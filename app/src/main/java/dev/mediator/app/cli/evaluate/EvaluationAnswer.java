package dev.mediator.app.cli.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.mediator.evaluation.Scores;
import org.jspecify.annotations.Nullable;

/**
 * What {@code evaluate --json} prints. What does not apply is left out.
 *
 * @param fd Fréchet distance of the pooled features: FID for the FID Inception
 * @param sfid the same of the spatial features
 * @param is inception score
 * @param isStd its deviation over the splits
 * @param precision share of samples that lie where references do
 * @param recall share of references that lie where samples do
 * @param kid kernel distance
 * @param kidStd its deviation over the subsets
 * @param classAgreement share of samples that the classifier takes for the class asked for
 * @param memorisation how near samples are to training images, if that was asked for
 * @param samples how many were scored
 * @param skipped samples that could not be read and were left out; null for none
 * @param extractor name of the network whose features were compared
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EvaluationAnswer(
        @Nullable Double fd,
        @Nullable Double sfid,
        @JsonProperty("is") @Nullable Double is,
        @JsonProperty("isStd") @Nullable Double isStd,
        @Nullable Double precision,
        @Nullable Double recall,
        @Nullable Double kid,
        @Nullable Double kidStd,
        @Nullable Double classAgreement,
        @Nullable Nearest memorisation,
        long samples,
        @Nullable Integer skipped,
        String extractor) {
    /**
     * How near samples are to training images.
     *
     * @param by what distances are of: features or pixels
     * @param sampleMedian median distance of a sample to the nearest training image
     * @param heldOutMedian the same of held-out images
     * @param threshold the distance that one in a hundred held-out images falls short of
     * @param closerShare share of samples that do
     * @param closest distance of the closest sample
     * @param picture path of the picture of the closest pairs
     */
    public record Nearest(
            String by,
            double sampleMedian,
            double heldOutMedian,
            double threshold,
            double closerShare,
            double closest,
            String picture) {}

    public static EvaluationAnswer of(Scores scores, @Nullable Integer skipped, @Nullable Nearest nearest) {
        var inception = scores.inceptionScore();
        var precisionRecall = scores.precisionRecall();
        var kernel = scores.kernelDistance();
        var agreement = scores.classAgreement();
        return new EvaluationAnswer(
                scores.frechet() == null ? null : scores.frechet().value(),
                scores.spatialFrechet() == null ? null : scores.spatialFrechet().value(),
                inception == null ? null : inception.mean(),
                inception == null ? null : inception.std(),
                precisionRecall == null ? null : precisionRecall.precision(),
                precisionRecall == null ? null : precisionRecall.recall(),
                kernel == null ? null : kernel.mean(),
                kernel == null ? null : kernel.std(),
                agreement == null ? null : agreement.share(),
                nearest,
                scores.samples(),
                skipped,
                scores.extractor().name());
    }
}
