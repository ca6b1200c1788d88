package dev.mediator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureStatisticsTest extends ScopedTest {
    /** Two passes in fp64, features far from 0: one pass over sums of squares would lose 8 digits here. */
    @Test
    void meanAndCovariance() throws IOException {
        Tensor features = Ops.add(Tensors.to(normal(1, 3000, 5), DType.F64), 1e4);
        FeatureGaussian found = Golden.gaussian(features);
        Tensor mean = features.mean(0);
        Tensor centred = features.sub(mean);
        Tensor covariance = centred.t().mm(centred).div(new Scalar(2999.0));
        assertThat(found.count()).isEqualTo(3000);
        assertThat(Tensors.relativeError(found.mean(), mean)).isLessThan(1e-14);
        assertThat(Tensors.relativeError(found.covariance(), covariance)).isLessThan(1e-12);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 1024, 1500, 2999})
    void mergedIsAsOnePass(int cut) throws IOException {
        Tensor features = Ops.add(normal(2, 3000, 7), 30);
        FeatureGaussian whole = Golden.gaussian(features);
        try (FeatureStatistics first = new FeatureStatistics(7);
                FeatureStatistics second = new FeatureStatistics(7)) {
            first.add(features.narrow(0, 0, cut));
            second.add(features.narrow(0, cut, 3000 - cut));
            first.merge(second);
            FeatureGaussian merged = first.gaussian();
            assertThat(merged.count()).isEqualTo(3000);
            assertThat(Tensors.relativeError(merged.mean(), whole.mean())).isLessThan(1e-13);
            assertThat(Tensors.relativeError(merged.covariance(), whole.covariance()))
                    .isLessThan(1e-10);
        }
    }

    @Test
    void emptyStatisticsMergeWithoutEffect() throws IOException {
        try (FeatureStatistics some = new FeatureStatistics(3);
                FeatureStatistics none = new FeatureStatistics(3);
                FeatureStatistics other = new FeatureStatistics(4)) {
            some.add(normal(3, 10, 3));
            double[] before = Tensors.doubles(some.gaussian().covariance());
            some.merge(none);
            none.merge(some);
            assertThat(Tensors.doubles(some.gaussian().covariance())).isEqualTo(before);
            assertThat(Tensors.relativeError(
                            none.gaussian().covariance(), some.gaussian().covariance()))
                    .isLessThan(1e-15);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> some.merge(other))
                    .withMessageContaining("dimension 4");
        }
    }

    /** Bit for bit. */
    @ParameterizedTest
    @ValueSource(ints = {1, 64, 1000, 1024, 2500})
    void batchesDoNotMatter(int size) throws IOException {
        Tensor features = normal(4, 2500, 6);
        FeatureGaussian whole = Golden.gaussian(features);
        try (FeatureStatistics statistics = new FeatureStatistics(6)) {
            for (long at = 0; at < 2500; at += size) {
                statistics.add(features.narrow(0, at, Math.min(size, 2500 - at)));
            }
            assertThat(statistics.count()).isEqualTo(2500);
            assertThat(Tensors.doubles(statistics.gaussian().covariance()))
                    .isEqualTo(Tensors.doubles(whole.covariance()));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void featuresThatAreNotFinite(double value) throws IOException {
        try (FeatureStatistics statistics = new FeatureStatistics(2)) {
            statistics.add(normal(5, 10, 2));
            Tensor bad = matrix(new double[][] {{1, 2}, {3, value}, {value, 4}});
            assertThatIOException()
                    .isThrownBy(() -> statistics.add(bad))
                    .withMessage("the features of image 11 (counted from 0) are not finite");
            assertThat(statistics.count()).isEqualTo(10);
        }
    }

    @Test
    void oneFeatureHasNoCovariance() throws IOException {
        try (FeatureStatistics statistics = new FeatureStatistics(2)) {
            assertThatIllegalStateException()
                    .isThrownBy(statistics::gaussian)
                    .withMessageContaining("1 feature or more, found are none");
            statistics.add(normal(5, 1, 2));
            assertThat(statistics.gaussian().count()).isEqualTo(1);
            assertThat(Tensors.doubles(statistics.gaussian().covariance())).containsOnly(0);
        }
    }
}
