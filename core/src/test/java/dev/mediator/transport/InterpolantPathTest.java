package dev.mediator.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InterpolantPathTest {
    private static final double[] TIMES = {0.01, 0.2, 0.5, 0.8, 0.99};

    @ParameterizedTest
    @EnumSource
    void dotsAreDerivatives(InterpolantPath path) {
        double h = 1e-5;
        for (double t : TIMES) {
            double alphaSlope = (path.alpha(t + h) - path.alpha(t - h)) / (2 * h);
            double sigmaSlope = (path.sigma(t + h) - path.sigma(t - h)) / (2 * h);
            assertThat(path.alphaDot(t)).isCloseTo(alphaSlope, within(1e-7));
            assertThat(path.sigmaDot(t)).isCloseTo(sigmaSlope, within(1e-5));
        }
    }

    @ParameterizedTest
    @EnumSource
    void derivedCoefficientsFollowFromTheirDefinitions(InterpolantPath path) {
        for (double t : TIMES) {
            double alpha = path.alpha(t);
            double sigma = path.sigma(t);
            double ratio = path.alphaDot(t) / alpha;
            assertThat(path.alphaRatio(t)).isCloseTo(ratio, within(1e-12 * ratio));
            assertThat(path.wronskian(t))
                    .isCloseTo(path.alphaDot(t) * sigma - alpha * path.sigmaDot(t), within(1e-12 * path.wronskian(t)));
            double g = ratio * sigma * sigma - sigma * path.sigmaDot(t);
            assertThat(path.scoreWeight(t)).isCloseTo(g, within(1e-12 * g));
        }
    }

    @ParameterizedTest
    @EnumSource
    void runsFromNoiseToData(InterpolantPath path) {
        assertThat(path.alpha(0)).isCloseTo(0, within(path.isSingularAtNoise() ? 0 : 0.007));
        assertThat(path.sigma(0)).isCloseTo(1, within(3e-5));
        assertThat(path.alpha(1)).isEqualTo(1);
        assertThat(path.sigma(1)).isCloseTo(0, within(1e-16));
    }

    /** 1 − exp(2ℓ) written out loses nine of sixteen digits here. */
    @Test
    void sigmaOfVpKeepsItsDigitsNearData() {
        double s = 1e-9;
        BigDecimal twiceLog = BigDecimal.valueOf(-0.5 * s * s * 19.9 - s * 0.1);
        BigDecimal variance = BigDecimal.ZERO; // −expm1 by its series
        BigDecimal term = BigDecimal.ONE;
        for (int k = 1; k < 6; k++) {
            term = term.multiply(twiceLog).divide(BigDecimal.valueOf(k), MathContext.DECIMAL128);
            variance = variance.subtract(term);
        }
        double expected = Math.sqrt(variance.doubleValue());
        double t = 1 - s;
        double exactS = 1 - t; // 1 − s is rounded
        assertThat(InterpolantPath.VP.sigma(t)).isCloseTo(expected * Math.sqrt(exactS / s), within(1e-13 * expected));
    }
}
