package dev.mediator.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LabelsTest {
    @Test
    void everyChoiceIsReadBackFromItsWord() {
        for (InterpolantPath path : InterpolantPath.values()) {
            assertThat(InterpolantPath.parse(path.label())).isEqualTo(path);
        }
        for (Prediction prediction : Prediction.values()) {
            assertThat(Prediction.parse(prediction.label())).isEqualTo(prediction);
        }
        for (LossWeighting weighting : LossWeighting.values()) {
            assertThat(LossWeighting.parse(weighting.label())).isEqualTo(weighting);
        }
    }

    @Test
    void wordsAreLowerCaseAndReadInAnyCase() {
        assertThat(InterpolantPath.GVP.label()).isEqualTo("gvp");
        assertThat(LossWeighting.LIKELIHOOD.label()).isEqualTo("likelihood");
        assertThat(Prediction.parse(" Velocity ")).isEqualTo(Prediction.VELOCITY);
    }

    @Test
    void anUnknownWordIsRefusedWithTheAllowedOnes() {
        assertThatThrownBy(() -> InterpolantPath.parse("cosine"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("path is 'cosine', allowed are linear, gvp and vp");
        assertThatThrownBy(() -> Prediction.parse("x0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("prediction is 'x0', allowed are velocity, score and noise");
    }
}
