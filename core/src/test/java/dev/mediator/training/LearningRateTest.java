package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class LearningRateTest {
    @Test
    void constantWithoutWarmUp() {
        TrainConfig config = config("steps=100");
        assertThat(config.rateFactor(0)).isEqualTo(1);
        assertThat(config.rateFactor(99)).isEqualTo(1);
    }

    @Test
    void warmUpGrowsLinearlyToTheFullRate() {
        TrainConfig config = config("steps=100", "warmupSteps=4");
        assertThat(config.rateFactor(0)).isEqualTo(0.25);
        assertThat(config.rateFactor(1)).isEqualTo(0.5);
        assertThat(config.rateFactor(3)).isEqualTo(1);
        assertThat(config.rateFactor(4)).isEqualTo(1);
    }

    @Test
    void cosineFallsFromTheEndOfWarmUpToTheLastStep() {
        TrainConfig config = config("steps=110", "warmupSteps=10", "decay=cosine");
        assertThat(config.rateFactor(9)).isEqualTo(1);
        assertThat(config.rateFactor(10)).isEqualTo(1);
        assertThat(config.rateFactor(60)).isCloseTo(0.5, within(1e-12));
        assertThat(config.rateFactor(35)).isCloseTo(0.5 * (1 + Math.sqrt(0.5)), within(1e-12));
        assertThat(config.rateFactor(109)).isBetween(1e-5, 1e-3);
        assertThat(config.rateFactor(500)).as("after the end").isCloseTo(0, within(1e-12));
    }

    @Test
    void warmUpMayTakeAllSteps() {
        TrainConfig config = config("steps=3", "warmupSteps=6", "decay=cosine");
        assertThat(config.rateFactor(2)).isEqualTo(0.5);
    }

    @Test
    void decaysGoRoundThroughJson() {
        JsonMapper json = new JsonMapper();
        for (LearningRateDecay decay : LearningRateDecay.values()) {
            assertThat(json.readValue(json.writeValueAsString(decay), LearningRateDecay.class))
                    .isEqualTo(decay);
        }
        assertThat(json.writeValueAsString(LearningRateDecay.COSINE)).isEqualTo("\"cosine\"");
    }

    private static TrainConfig config(String... assignments) {
        ConfigTree tree = ConfigTree.defaults();
        for (String assignment : assignments) {
            tree.set(assignment);
        }
        return tree.toConfig();
    }
}
