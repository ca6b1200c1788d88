package dev.mediator.evaluation;

import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Squared Fréchet distance of two normal distributions (Dowson and Landau, 1982), which is the FID of Heusel et al. (arXiv
 * 1706.08500) for features of the FID Inception:
 *
 * <pre>|μ₁ − μ₂|² + tr(S₁ + S₂ − 2·(S₁^½ S₂ S₁^½)^½)</pre>
 *
 * <p>The last trace is the sum of the square roots of the eigenvalues of S₁^½ S₂ S₁^½, and these are the singular values of
 * S₂^½ S₁^½. With S = V Λ Vᵀ they are those of Λ₁^½ V₁ᵀ V₂ Λ₂^½, which is computed here: two symmetric eigen-decompositions
 * and singular values, in fp64. No complex number can come up, and unlike the root of an eigenvalue a singular value is as
 * precise near 0 as elsewhere, so that covariances without full rank (fewer images than dimensions) do no harm. Eigenvalues
 * that are rounding (below D·2⁻⁵² of the largest) are taken for 0.
 *
 * @param value the distance, 0 or more
 * @param means |μ₁ − μ₂|², how much of it is due to the means
 * @param covariances the rest
 */
public record FrechetDistance(double value, double means, double covariances) {
    /** Statistics that were rounded to fp32 have eigenvalues this far below 0, relative to the largest. */
    private static final double MOST_NEGATIVE = -1e-4;

    /**
     * The distance of two distributions, in any order.
     *
     * @throws IllegalArgumentException if their dimensions differ or a covariance is none
     */
    public static FrechetDistance between(FeatureGaussian a, FeatureGaussian b) {
        if (a.dimension() != b.dimension()) {
            throw new IllegalArgumentException(
                    "features of dimension " + a.dimension() + " do not go with those of dimension " + b.dimension());
        }
        try (Scope scope = Scope.open()) {
            double means = a.mean().sub(b.mean()).square().sum().item_double();
            Factor first = Factor.of(a.covariance());
            Factor second = Factor.of(b.covariance());
            Tensor product = first.root().t().mm(second.root()); // [r₁, r₂]
            double fidelity = product.numel() == 0
                    ? 0
                    : torch.linalg_svdvals(product).sum().item_double();
            double covariances = Math.max(0, first.trace() + second.trace() - 2 * fidelity);
            return new FrechetDistance(means + covariances, means, covariances);
        }
    }

    /**
     * Checks that a symmetric matrix can be a covariance.
     *
     * @throws IllegalArgumentException if it has an eigenvalue below 0, by more than rounding
     */
    static void requireCovariance(Tensor symmetric) {
        try (Scope scope = Scope.open()) {
            double shift = -MOST_NEGATIVE
                    * symmetric
                            .diagonal()
                            .max()
                            .item_double(); // the largest eigenvalue is no smaller than any of these
            Tensor shifted = symmetric.clone();
            shifted.diagonal().add_(new Scalar(shift));
            if (torch.linalg_cholesky_ex(shifted).get1().item_int() == 0) {
                return; // far quicker than eigenvalues
            }
            double[] spectrum = Tensors.doubles(torch.linalg_eigvalsh(symmetric));
            requireNotNegative(spectrum[0], spectrum[spectrum.length - 1]);
        }
    }

    private static void requireNotNegative(double smallest, double largest) {
        if (!(smallest >= MOST_NEGATIVE * Math.abs(largest))) {
            throw new IllegalArgumentException(
                    "a covariance has the eigenvalues " + smallest + " to " + largest + ", allowed are none below 0");
        }
    }

    /**
     * A covariance as R·Rᵀ.
     *
     * @param root R = V Λ^½, [D, r] with one column per eigenvalue that is not 0
     * @param trace the sum of these eigenvalues
     */
    private record Factor(Tensor root, double trace) {
        static Factor of(Tensor covariance) {
            try (Scope scope = Scope.open()) {
                T_TensorTensor_T decomposition = torch.linalg_eigh(covariance);
                Tensor values = decomposition.get0(); // [D], ascending
                double[] spectrum = Tensors.doubles(values);
                long dimension = spectrum.length;
                double largest = spectrum[spectrum.length - 1];
                requireNotNegative(spectrum[0], largest);
                long zeros = 0;
                double trace = 0;
                for (double value : spectrum) {
                    if (value > dimension * 0x1p-52 * largest) {
                        trace += value;
                    } else {
                        zeros++;
                    }
                }
                Tensor kept = values.narrow(0, zeros, dimension - zeros);
                Tensor vectors = decomposition.get1().narrow(1, zeros, dimension - zeros);
                return new Factor(scope.keep(vectors.mul(kept.pow(new Scalar(0.5)))), trace);
            }
        }
    }
}
