package dev.mediator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrechetDistanceTest extends ScopedTest {
    @Test
    void agreesWithPytorchFid() throws IOException {
        FrechetDistance found = distance(Golden.features("x"), Golden.features("y"));
        assertThat(found.value()).isCloseTo(Golden.number("fd"), withinPercentage(1e-8));
        assertThat(found.means() + found.covariances()).isEqualTo(found.value());
    }

    @Test
    void fewerImagesThanDimensions() throws IOException {
        FrechetDistance found = distance(Golden.features("a"), Golden.features("b"));
        assertThat(found.value()).isCloseTo(Golden.number("thin_fd"), withinPercentage(1e-10));
    }

    @ParameterizedTest
    @CsvSource({"500,64", "64,64", "40,64", "2,64"})
    void aSetWithItselfIsZero(int count, int dimension) throws IOException {
        Tensor features = Ops.add(normal(1, count, dimension), 5);
        FeatureGaussian gaussian = Golden.gaussian(features);
        double trace = gaussian.covariance().trace().item_double();
        assertThat(FrechetDistance.between(gaussian, gaussian).value()).isBetween(0.0, 1e-12 * trace);
    }

    @Test
    void theOrderDoesNotMatter() throws IOException {
        FrechetDistance there = distance(Golden.features("a"), Golden.features("b"));
        FrechetDistance back = distance(Golden.features("b"), Golden.features("a"));
        assertThat(there.value()).isCloseTo(back.value(), withinPercentage(1e-11));
    }

    /** Covariances with the same eigenvectors: Σ (√λ₁ − √λ₂)². */
    @Test
    void covariancesThatCommute() {
        long d = 40;
        Tensor vectors = torch.linalg_qr(Tensors.to(normal(2, d, d), DType.F64)).get0();
        double[] first = new double[(int) d];
        double[] second = new double[(int) d];
        double expected = d * 0.25;
        for (int i = 0; i < d; i++) {
            first[i] = i < 3 ? 0 : Math.exp(-0.5 * i); // from 0.2 down to 1e-9
            second[i] = 1.0 / (i + 1);
            expected += Math.pow(Math.sqrt(first[i]) - Math.sqrt(second[i]), 2);
        }
        FeatureGaussian a = new FeatureGaussian(0, Tensors.zeros(DType.F64, d), covariance(vectors, first));
        Tensor shifted = Tensors.to(Tensors.full(0.5, d), DType.F64);
        FeatureGaussian b = new FeatureGaussian(0, shifted, covariance(vectors, second));
        FrechetDistance found = FrechetDistance.between(a, b);
        assertThat(found.value()).isCloseTo(expected, withinPercentage(1e-9));
        assertThat(found.means()).isCloseTo(d * 0.25, withinPercentage(1e-12));
    }

    /** Two dimensions, not commuting: tr (AB)^½ = √(tr AB + 2·√det AB). */
    @Test
    void covariancesThatDoNotCommute() {
        Tensor a = matrix(new double[][] {{2, 0.5}, {0.5, 1}});
        Tensor b = matrix(new double[][] {{1, -0.8}, {-0.8, 3}});
        double traceOfProduct = 2 * 1 + 2 * 0.5 * -0.8 + 1 * 3;
        double determinant = (2 - 0.25) * (3 - 0.64);
        double expected = 3 + 4 - 2 * Math.sqrt(traceOfProduct + 2 * Math.sqrt(determinant)) + 1 + 4;
        FrechetDistance found = FrechetDistance.between(
                new FeatureGaussian(0, Tensors.of(new double[] {0, 0}, 2), a),
                new FeatureGaussian(0, Tensors.of(new double[] {1, -2}, 2), b));
        assertThat(found.value()).isCloseTo(expected, withinPercentage(1e-12));
    }

    @Test
    void featuresThatAreAllTheSame() {
        FeatureGaussian point =
                new FeatureGaussian(0, Tensors.of(new double[] {3, 4}, 2), Tensors.zeros(DType.F64, 2, 2));
        FeatureGaussian unit =
                new FeatureGaussian(0, Tensors.zeros(DType.F64, 2), matrix(new double[][] {{1, 0}, {0, 1}}));
        assertThat(FrechetDistance.between(point, unit).value()).isCloseTo(25 + 2, offset(1e-12));
        assertThat(FrechetDistance.between(point, point).value()).isZero();
    }

    @Test
    void whatIsNoCovarianceIsRefused() {
        Tensor mean = Tensors.zeros(DType.F64, 2);
        FeatureGaussian good = new FeatureGaussian(0, mean, matrix(new double[][] {{1, 0}, {0, 1}}));
        FeatureGaussian bad = new FeatureGaussian(0, mean, matrix(new double[][] {{1, 0}, {0, -0.5}}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FrechetDistance.between(good, bad))
                .withMessageContaining("eigenvalues -0.5 to 1.0");
        FeatureGaussian other = new FeatureGaussian(0, Tensors.zeros(DType.F64, 3), Tensors.zeros(DType.F64, 3, 3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FrechetDistance.between(good, other))
                .withMessageContaining("dimension 2 do not go with those of dimension 3");
    }

    private static Tensor covariance(Tensor vectors, double[] values) {
        return vectors.mul(Tensors.of(values, values.length)).mm(vectors.t());
    }

    private static FrechetDistance distance(Tensor x, Tensor y) throws IOException {
        return FrechetDistance.between(Golden.gaussian(x), Golden.gaussian(y));
    }
}
