package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.nn.MediatorCount;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which guidance a network can follow, from how its labels were trained. */
class LabelTrainingTest {
    private static final Guidance USUAL = new Guidance(2.5, 0, 0.1, 0.8);

    @ParameterizedTest
    @CsvSource({
        "10, false,    , BOTH",
        "10, false, 0.1, BOTH",
        "10, false, 0.0, CLASSES_ONLY",
        "10, false, 1.0, NO_CLASSES",
        " 1, false,    , ONE_CLASS",
        " 1, false, 0.1, ONE_CLASS",
        " 1, false, 0.0, CLASSES_ONLY",
        " 1, false, 1.0, NO_CLASSES",
        "10,  true,    , NO_NULL_LABEL",
        " 1,  true, 0.0, NO_NULL_LABEL",
    })
    void followsFromShapeAndDropout(
            int classes, boolean lacksNullLabel, @Nullable Double dropout, LabelTraining expected) {
        assertThat(LabelTraining.of(config(classes, lacksNullLabel), dropout)).isEqualTo(expected);
    }

    @Test
    void onlyWhatWasTrainedIsComparedByDefault() {
        assertThat(LabelTraining.BOTH.guidance(USUAL)).isEqualTo(USUAL);
        assertThat(LabelTraining.ONE_CLASS.guidance(USUAL)).isEqualTo(Guidance.NONE);
        assertThat(LabelTraining.CLASSES_ONLY.guidance(USUAL)).isEqualTo(Guidance.NONE);
        assertThat(LabelTraining.NO_NULL_LABEL.guidance(USUAL)).isEqualTo(Guidance.NONE);
        assertThat(LabelTraining.NO_CLASSES.guidance(USUAL))
                .as("at every time, or the class would be asked for outside of the interval")
                .isEqualTo(new Guidance(0, 0, 0, 1));
    }

    @ParameterizedTest
    @CsvSource({
        "BOTH,         2.5, false",
        "BOTH,           0, false",
        "ONE_CLASS,      1, false",
        "ONE_CLASS,    2.5, true",
        "CLASSES_ONLY,   1, false",
        "CLASSES_ONLY, 1.1, true",
        "CLASSES_ONLY,   0, true",
        "NO_CLASSES,     0, false",
        "NO_CLASSES,     1, true",
        "NO_CLASSES,   2.5, true",
    })
    void whatWasNotTrainedIsToldOf(LabelTraining labels, double scale, boolean warns) {
        Guidance guidance = new Guidance(scale, 0, 0, 1);
        assertThat(labels.warning(guidance).isPresent()).isEqualTo(warns);
        labels.warning(guidance).ifPresent(text -> assertThat(text)
                .startsWith("guidance is " + scale + ", but the network ")
                .doesNotContain("\n"));
    }

    @Test
    void everyNetworkThatGetsAnotherDefaultSaysWhy() {
        for (LabelTraining labels : LabelTraining.values()) {
            assertThat(labels.defaultNote().isPresent())
                    .as(labels.name())
                    .isEqualTo(!labels.guidance(USUAL).equals(USUAL));
        }
    }

    @Test
    void aNetworkWithoutTheLabelCannotBeGuided() {
        SitConfig lacking = config(10, true);
        Guidance.NONE.requireUsable(lacking);
        USUAL.requireUsable(config(10, false));
        assertThatThrownBy(() -> USUAL.requireUsable(lacking))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("guidance scale is 2.5, allowed is 1 (none): the network has no label for 'no class', which"
                        + " guidance compares with");
    }

    private static SitConfig config(int classes, boolean lacksNullLabel) {
        return new SitConfig(8, 2, 1, 16, 1, 2, 4, classes, false, List.of(MediatorCount.FULL), null, lacksNullLabel);
    }
}
