package dev.mediator.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.model.Guidance;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.stepwise.Schedule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Settings as JSON: what a record of pictures holds. */
class GenerationSettingsTest {
    private static final JsonMapper JSON = new JsonMapper();

    @ParameterizedTest
    @MethodSource("dev.mediator.generation.ImageGeneratorTest#samplers")
    void jsonGivesThemBack(dev.mediator.sampling.SamplerConfig sampler) {
        GenerationSettings settings =
                new GenerationSettings(sampler, new Guidance(2.5, 3, 0.1, 0.9), Schedule.parse("fixed:4@0.4,full"));

        String json = JSON.writeValueAsString(settings);

        assertThat(JSON.readValue(json, GenerationSettings.class)).isEqualTo(settings);
        assertThat(json).contains(sampler instanceof OdeConfig ? "\"equation\":\"ode\"" : "\"equation\":\"sde\"");
    }

    @Test
    void anotherEquationIsRefused() {
        assertThatThrownBy(() -> JSON.readValue(
                        "{\"sampler\":{\"equation\":\"pde\"},\"guidance\":null,\"schedule\":null}",
                        GenerationSettings.class))
                .isInstanceOf(JacksonException.class)
                .hasMessageContaining("pde");
    }
}
