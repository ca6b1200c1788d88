package dev.mediator.evaluation;

import dev.mediator.evaluation.ScoreWarning.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Scores samples against a reference by every metric that their features allow.
 *
 * <p>For one thread at a time.
 */
public final class Evaluation {
    /** With fewer images per dimension the Fréchet distance's bias is no longer small beside published differences. */
    private static final long IMAGES_PER_DIMENSION = 10;

    private static final String OF_BOTH = " of samples and of reference";

    private final EvaluationConfig config;
    private final EvaluationListener listener;
    private final List<ScoreWarning> warnings = new ArrayList<>();

    private Evaluation(EvaluationConfig config, EvaluationListener listener) {
        this.config = config;
        this.listener = listener;
    }

    /**
     * Computes the scores.
     *
     * @param samples with their extractor; features and logits are needed for all but Fréchet distances
     * @param reference features are needed for all that compares single images
     * @param labels the class that was asked for, one per sample; null if none was
     * @throws IOException if reference and samples do not go together
     */
    public static Scores score(
            FeatureSet samples,
            FeatureSet reference,
            long @Nullable [] labels,
            EvaluationConfig config,
            EvaluationListener listener)
            throws IOException {
        return new Evaluation(config, listener).compute(samples, reference, labels);
    }

    private Scores compute(FeatureSet samples, FeatureSet reference, long @Nullable [] labels) throws IOException {
        ExtractorDescription extractor = samples.extractor();
        if (extractor == null) {
            throw new IllegalArgumentException("samples are scored with a known extractor only");
        }
        requireComparable(extractor, reference);
        warnings.addAll(samples.warnings());
        warnings.addAll(reference.warnings());
        warnOfFew("samples", samples.pooled());
        warnOfFew("reference images", reference.pooled());
        return new Scores(
                extractor,
                samples.count(),
                reference.count(),
                frechet(extractor.distanceName(), samples.pooled(), reference.pooled()),
                frechet(extractor.spatialDistanceName(), samples.spatial(), reference.spatial()),
                inceptionScore(samples.logits()),
                precisionRecall(samples.features(), reference.features()),
                kernelDistance(samples.features(), reference.features()),
                labels == null || samples.logits() == null ? null : ClassAgreement.of(samples.logits(), labels),
                warnings);
    }

    private void requireComparable(ExtractorDescription extractor, FeatureSet reference) throws IOException {
        ExtractorDescription other = reference.extractor();
        if (other == null) {
            warnings.add(new ScoreWarning(
                    Kind.UNKNOWN_EXTRACTOR,
                    "the reference does not tell its extractor; it is taken for one of " + extractor.label()));
        } else if (!other.makesTheFeaturesOf(extractor)) {
            throw new IOException("the reference was made by another extractor: " + other.label()
                    + ", that of the samples is " + extractor.label());
        }
        if (reference.pooled().dimension() != extractor.dimension()) {
            throw new IOException("the reference has " + reference.pooled().dimension()
                    + " features, the extractor of the samples makes " + extractor.dimension());
        }
        Tensor single = reference.features();
        if (single != null && single.size(1) != extractor.dimension()) {
            throw new IOException("the reference's statistics are of " + extractor.dimension()
                    + " features, but its images have " + single.size(1));
        }
    }

    private @Nullable FrechetDistance frechet(
            String name, @Nullable FeatureGaussian samples, @Nullable FeatureGaussian reference) {
        if (samples == null || reference == null) {
            return null;
        }
        if (samples.count() == 1 || reference.count() == 1) {
            leaveOut(name + " needs", 2, OF_BOTH, 1);
            return null;
        }
        listener.onProgress(name, 0, 1);
        return FrechetDistance.between(samples, reference);
    }

    private @Nullable InceptionScore inceptionScore(@Nullable Tensor logits) {
        if (logits == null) {
            return null;
        }
        long count = logits.size(0);
        if (count == 1) {
            leaveOut("the inception score needs", 2, "", count);
            return null;
        }
        int splits = count < config.inceptionSplits() ? 1 : config.inceptionSplits();
        if (splits < config.inceptionSplits()) {
            warnings.add(new ScoreWarning(
                    Kind.FEWER_SPLITS,
                    "the inception score is of all " + count + " images at once, fewer than the "
                            + config.inceptionSplits() + " splits that were asked for"));
        }
        if (logits.size(0) / splits < logits.size(1)) {
            warnings.add(new ScoreWarning(
                    Kind.FEW_IMAGES,
                    "the inception score's " + splits + (splits == 1 ? " split has fewer" : " splits have fewer")
                            + " images than there are classes, "
                            + logits.size(1) + ": it cannot come near its largest value"));
        }
        listener.onProgress("inception score", 0, 1);
        return InceptionScore.of(logits, splits, config.seed());
    }

    private @Nullable PrecisionRecall precisionRecall(@Nullable Tensor samples, @Nullable Tensor reference) {
        if (samples == null || reference == null) {
            return null;
        }
        int k = config.neighbours();
        long fewest = Math.min(samples.size(0), reference.size(0));
        if (fewest <= k) {
            leaveOut("precision and recall with " + k + " neighbours need", k + 1L, OF_BOTH, fewest);
            return null;
        }
        return PrecisionRecall.between(
                samples, reference, k, (done, total) -> listener.onProgress("precision and recall", done, total));
    }

    private @Nullable KernelDistance kernelDistance(@Nullable Tensor samples, @Nullable Tensor reference) {
        if (samples == null || reference == null) {
            return null;
        }
        long fewest = Math.min(samples.size(0), reference.size(0));
        if (fewest < 2) {
            leaveOut("the kernel distance needs", 2, OF_BOTH, fewest);
            return null;
        }
        int size = (int) Math.min(config.kernelSubsetSize(), fewest);
        if (size < config.kernelSubsetSize()) {
            warnings.add(new ScoreWarning(
                    Kind.SMALLER_SUBSETS,
                    "the kernel distance's subsets have " + size + " images instead of " + config.kernelSubsetSize()
                            + ": there are no more"));
        }
        return KernelDistance.ofSubsets(
                samples,
                reference,
                config.kernelSubsets(),
                size,
                config.seed(),
                (done, total) -> listener.onProgress("kernel distance", done, total));
    }

    private void leaveOut(String need, long least, String of, long found) {
        warnings.add(new ScoreWarning(
                Kind.LEFT_OUT,
                need + " " + least + " images or more" + of + ", found " + (found == 1 ? "is " : "are ") + found
                        + ": left out"));
    }

    private void warnOfFew(String what, FeatureGaussian statistics) {
        long count = statistics.count();
        long dimension = statistics.dimension();
        if (count <= 1) { // unknown, or without a distance
            return;
        }
        if (count <= dimension) {
            warnings.add(new ScoreWarning(
                    Kind.RANK_DEFICIENT,
                    count + " " + what + " for " + dimension
                            + " feature dimensions: the covariance has not full rank, the distance is far too large"));
        } else if (count < IMAGES_PER_DIMENSION * dimension) {
            warnings.add(new ScoreWarning(
                    Kind.FEW_IMAGES,
                    count + " " + what + " for " + dimension + " feature dimensions, at least "
                            + IMAGES_PER_DIMENSION * dimension + " are advised: the distance is biased upwards"));
        }
    }
}
