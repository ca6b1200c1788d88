package dev.mediator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.mediator.evaluation.ScoreWarning.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EvaluationTest extends ScopedTest {
    private static final EvaluationConfig SMALL = new EvaluationConfig(10, 3, 4, 100, 1);

    @Test
    void allScores() throws IOException {
        List<String> told = new ArrayList<>();
        Scores scores = Evaluation.score(
                set(Golden.features("x"), normal(1, 300, 4)),
                set(Golden.features("y"), null),
                new long[300],
                SMALL,
                (metric, done, total) -> told.add(metric));
        assertThat(scores.extractor().distanceName()).isEqualTo("FD-tiny");
        assertThat(scores.samples()).isEqualTo(300);
        assertThat(scores.references()).isEqualTo(260);
        assertThat(Objects.requireNonNull(scores.frechet()).value())
                .isCloseTo(Golden.number("fd"), withinPercentage(1e-8));
        assertThat(Objects.requireNonNull(scores.precisionRecall()).recall())
                .isCloseTo(Golden.number("recall3"), withinPercentage(1e-8));
        assertThat(scores.kernelDistance())
                .isEqualTo(KernelDistance.ofSubsets(
                        Golden.features("x"), Golden.features("y"), 4, 100, 1, TileProgress.NONE));
        assertThat(Objects.requireNonNull(scores.inceptionScore()).mean()).isBetween(1.0, 4.0);
        assertThat(Objects.requireNonNull(scores.classAgreement()).share()).isBetween(0.1, 0.4);
        assertThat(scores.spatialFrechet()).isNull();
        assertThat(scores.warnings()).isEmpty();
        assertThat(told).contains("FD-tiny", "inception score", "precision and recall", "kernel distance");
    }

    @Test
    void whatFeaturesDoNotAllowIsLeftOut() throws IOException {
        FeatureSet whole = set(Golden.features("x"), null);
        FeatureSet statistics = new FeatureSet(whole.extractor(), whole.pooled(), whole.pooled(), null, null);
        Scores scores = score(statistics, statistics);
        assertThat(Objects.requireNonNull(scores.frechet()).value()).isLessThan(1e-10);
        assertThat(Objects.requireNonNull(scores.spatialFrechet()).value()).isLessThan(1e-10);
        assertThat(scores.inceptionScore()).isNull();
        assertThat(scores.precisionRecall()).isNull();
        assertThat(scores.kernelDistance()).isNull();
        assertThat(scores.classAgreement()).isNull();
    }

    @Test
    void fewImagesAreWarnedOf() throws IOException {
        Tensor x = Golden.features("x");
        Scores scores = score(set(x.narrow(0, 0, 159), normal(1, 159, 40)), set(x.narrow(0, 0, 16), null));
        assertThat(scores.warnings())
                .extracting(ScoreWarning::kind)
                .containsExactly(Kind.FEW_IMAGES, Kind.RANK_DEFICIENT, Kind.FEW_IMAGES, Kind.SMALLER_SUBSETS);
        assertThat(scores.warnings().get(0).text())
                .isEqualTo("159 samples for 16 feature dimensions, at least 160 are advised: the distance is biased"
                        + " upwards");
        assertThat(scores.warnings().get(1).text()).startsWith("16 reference images for 16 feature dimensions");
        assertThat(Objects.requireNonNull(scores.frechet()).value()).isFinite();
    }

    @Test
    void fewImagesTakeNoOtherScoreWithThem() throws IOException {
        FeatureSet reference = set(Golden.features("y"), null);
        for (int count = 2; count < 10; count++) {
            Tensor few = normal(1, count, 16);
            Scores scores = score(set(few, normal(1, count, 4)), reference);
            assertThat(Objects.requireNonNull(scores.frechet()).value()).isFinite();
            assertThat(scores.kernelDistance()).isNotNull();
            assertThat(scores.inceptionScore()).isEqualTo(InceptionScore.of(normal(1, count, 4), 1, 1));
            assertThat(scores.precisionRecall() == null).isEqualTo(count <= 3);
            assertThat(scores.warnings())
                    .extracting(ScoreWarning::text)
                    .contains("the inception score is of all " + count
                            + " images at once, fewer than the 10 splits that" + " were asked for");
        }
        assertThat(score(set(normal(1, 3, 16), null), reference).warnings())
                .extracting(ScoreWarning::text)
                .contains(
                        "precision and recall with 3 neighbours need 4 images or more of samples and of reference, found"
                                + " are 3: left out");
    }

    @Test
    void aSingleImageHasTheScoresThatAreLeft() throws IOException {
        FeatureSet many = set(Golden.features("y"), normal(2, 260, 4));
        FeatureSet one = set(normal(1, 1, 16), normal(1, 1, 4));
        Scores scores = Evaluation.score(one, many, new long[1], SMALL, EvaluationListener.NONE);
        assertThat(scores.frechet()).isNull();
        assertThat(scores.inceptionScore()).isNull();
        assertThat(scores.kernelDistance()).isNull();
        assertThat(scores.classAgreement()).isNotNull();
        assertThat(scores.warnings())
                .extracting(ScoreWarning::text)
                .containsExactly(
                        "FD-tiny needs 2 images or more of samples and of reference, found is 1: left out",
                        "the inception score needs 2 images or more, found is 1: left out",
                        "precision and recall with 3 neighbours need 4 images or more of samples and of reference, found is 1:"
                                + " left out",
                        "the kernel distance needs 2 images or more of samples and of reference, found is 1: left out");
        Scores reversed = score(many, one);
        assertThat(reversed.frechet()).isNull();
        assertThat(reversed.inceptionScore()).isNotNull();
    }

    @Test
    void referencesOfOtherExtractorsAreRefused() throws IOException {
        FeatureSet samples = set(Golden.features("x"), null);
        FeatureSet nameless = new FeatureSet(null, samples.pooled(), null, null, null);
        assertThat(score(samples, nameless).warnings())
                .extracting(ScoreWarning::kind)
                .containsExactly(Kind.UNKNOWN_EXTRACTOR);
        FeatureSet smaller = new FeatureSet(null, Golden.gaussian(normal(1, 100, 8)), null, null, null);
        assertThatIOException()
                .isThrownBy(() -> score(samples, smaller))
                .withMessage("the reference has 8 features, the extractor of the samples makes 16");
        FeatureSet other = new FeatureSet(described("b"), samples.pooled(), null, null, null);
        assertThatIOException()
                .isThrownBy(() -> score(samples, other))
                .withMessageContaining("the reference was made by another extractor: tiny version 1 with 16 features"
                        + " (weights bbbbbbbbbbbb)");
        assertThatIllegalArgumentException().isThrownBy(() -> score(nameless, samples));
    }

    @Test
    void namesOfScores() {
        ExtractorDescription inception =
                new ExtractorDescription("inception", "1", "a".repeat(64), true, 3, 299, "bilinear", 2048, 2023, 1008);
        assertThat(inception.distanceName()).isEqualTo("FID");
        assertThat(inception.spatialDistanceName()).isEqualTo("sFID");
        assertThat(described("a").spatialDistanceName()).isEqualTo("sFD-tiny");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ExtractorDescription("a b", "1", "a".repeat(64), false, 1, 1, "x", 1, 0, 0))
                .withMessage("the extractor's name is 'a b', allowed is lower-case words with hyphens between them");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ExtractorDescription("a", "1", "A".repeat(64), false, 1, 1, "x", 1, 0, 0))
                .withMessageContaining("weightsSha256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ExtractorDescription("a", "1", "a".repeat(64), false, 2, 1, "x", 1, 0, 0))
                .withMessage("the extractor's channels is 2, allowed are 1 and 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EvaluationConfig(10, 0, 100, 1000, 0))
                .withMessage("neighbours is 0, allowed is 1 or more");
    }

    private static Scores score(FeatureSet samples, FeatureSet reference) throws IOException {
        return Evaluation.score(samples, reference, null, SMALL, EvaluationListener.NONE);
    }

    private static FeatureSet set(Tensor features, @Nullable Tensor logits) throws IOException {
        return new FeatureSet(described("a"), Golden.gaussian(features), null, features, logits);
    }

    private static ExtractorDescription described(String hash) {
        return new ExtractorDescription("tiny", "1", hash.repeat(64), false, 1, 28, "none", 16, 0, 4);
    }
}
