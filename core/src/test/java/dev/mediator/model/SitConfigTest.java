package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.nn.MediatorCount;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.exc.ValueInstantiationException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class SitConfigTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final SitConfig CONFIG = new SitConfig(
            16, 2, 4, 48, 3, 4, 4, 10, true, List.of(new MediatorCount(4), MediatorCount.FULL), List.of(0, 2));

    @Test
    void derivedSizes() {
        assertThat(CONFIG.grid()).isEqualTo(8);
        assertThat(CONFIG.tokens()).isEqualTo(64);
        assertThat(CONFIG.hiddenWidth()).isEqualTo(192);
        assertThat(CONFIG.outChannels()).isEqualTo(8);
        assertThat(CONFIG.nullLabel()).isEqualTo(10);
        assertThat(CONFIG.isElastic()).isTrue();
        assertThat(CONFIG.largestMediators()).isEqualTo(new MediatorCount(4));
        assertThat(CONFIG.withInputSize(32).tokens()).isEqualTo(256);
    }

    @Test
    void mediatorsAreInTheChosenBlocks() {
        assertThat(CONFIG.hasMediators(0)).isTrue();
        assertThat(CONFIG.hasMediators(1)).isFalse();
        assertThat(CONFIG.hasMediators(2)).isTrue();
        SitConfig softmax = new SitConfig(16, 2, 4, 48, 3, 4, 4, 10, true, List.of(MediatorCount.FULL), null);
        assertThat(softmax.hasMediators(0)).isFalse();
        assertThat(softmax.blocksWithMediators()).isZero();
        assertThat(CONFIG.blocksWithMediators()).isEqualTo(2);
        assertThat(CONFIG.withMediators(List.of(new MediatorCount(16))).blocksWithMediators())
                .isEqualTo(2);
        assertThat(CONFIG.withMediators(List.of(MediatorCount.FULL)).blocksWithMediators())
                .isZero();
        assertThat(softmax.largestMediators()).isEqualTo(MediatorCount.FULL);
        assertThat(softmax.isElastic()).isFalse();
    }

    @Test
    void jsonGoesRound() {
        String json = JSON.writeValueAsString(CONFIG);
        assertThat(JSON.readValue(json, SitConfig.class)).isEqualTo(CONFIG);
        assertThat(JSON.readTree(json).propertyNames())
                .containsExactlyInAnyOrder(
                        "inputSize",
                        "patchSize",
                        "inChannels",
                        "width",
                        "depth",
                        "heads",
                        "mlpRatio",
                        "numClasses",
                        "learnSigma",
                        "mediators",
                        "mediatorBlocks");
    }

    /** A field that other networks do not have, so that their files stay what they were. */
    @Test
    void aMissingNullLabelGoesRoundToo() {
        SitConfig lacking = new SitConfig(8, 2, 1, 16, 1, 2, 4, 3, false, List.of(MediatorCount.FULL), null, true);
        String json = JSON.writeValueAsString(lacking);
        assertThat(JSON.readTree(json).path("lacksNullLabel").booleanValue()).isTrue();
        assertThat(JSON.readValue(json, SitConfig.class)).isEqualTo(lacking);
        assertThat(lacking.labelRows()).isEqualTo(3);
        assertThat(lacking.withInputSize(16).lacksNullLabel()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "patchSize      | 0       | model.patchSize is 0, allowed is at least 1",
                "inputSize      | 15      | model.inputSize is 15, allowed is a multiple of patchSize 2",
                "inputSize      | 0       | model.inputSize is 0, allowed is a multiple of patchSize 2",
                "inputSize      | 65538   | model.inputSize is 65538, allowed is at most 32768 patches of 2",
                "inChannels     | 0       | model.inChannels is 0, allowed is at least 1",
                "heads          | 0       | model.heads is 0, allowed is at least 1",
                "heads          | 5       | model.width is 48, allowed is a multiple of 4 and of heads 5",
                "width          | 50      | model.width is 50, allowed is a multiple of 4 and of heads 4",
                "width          | 0       | model.width is 0, allowed is a multiple of 4 and of heads 4",
                "depth          | 0       | model.depth is 0, allowed is at least 1",
                "mlpRatio       | 0       | model.mlpRatio is 0.0, allowed is above 0",
                "mlpRatio       | -1      | model.mlpRatio is -1.0, allowed is above 0",
                "numClasses     | 0       | model.numClasses is 0, allowed is at least 1",
                "mediators      | []      | model.mediators is [], allowed is at least one count or 'full'",
                "mediators      | [4,4]   | model.mediators is [4, 4], allowed is a list without repetitions",
                "mediators      | [4,100] | model.mediators is 100, allowed is at most one mediator per token of the 8×8 grid",
                "mediators      | [5]     | mediator count is 5, allowed are perfect squares (4, 16, 64, …) and 'full'",
                "mediatorBlocks | [0,3]   | model.mediatorBlocks is 3, allowed is 0 to 2",
                "mediatorBlocks | [-1]    | model.mediatorBlocks is -1, allowed is 0 to 2",
            })
    void whatIsNotAllowedIsNamed(String field, String value, String message) {
        ObjectNode tree = JSON.valueToTree(CONFIG);
        tree.set(field, JSON.readTree(value));
        assertThatThrownBy(() -> JSON.treeToValue(tree, SitConfig.class))
                .isInstanceOf(ValueInstantiationException.class)
                .rootCause()
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void presetsAreThePublishedSizes() {
        assertThat(SitPreset.names()).hasSize(15).contains("SiT-Ti/2", "SiT-S/2", "SiT-B/4", "SiT-L/8", "SiT-XL/2");
        assertThat(SitPreset.config("sit-xl/4", 32, 4, 1000, true, List.of(MediatorCount.FULL)))
                .isEqualTo(new SitConfig(32, 4, 4, 1152, 28, 16, 4, 1000, true, List.of(MediatorCount.FULL), null));
    }

    @ParameterizedTest
    @CsvSource({"SiT-S/2, 384, 12, 6", "SiT-B/8, 768, 12, 12", "SiT-L/2, 1024, 24, 16", "SiT-XL/8, 1152, 28, 16"})
    void widthDepthAndHeads(String preset, int width, int depth, int heads) {
        SitConfig config = SitPreset.config(preset, 32, 4, 1000, true, List.of(MediatorCount.FULL));
        assertThat(List.of(config.width(), config.depth(), config.heads())).containsExactly(width, depth, heads);
    }

    @Test
    void unknownPresetsAreRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> SitPreset.config("SiT-S/3", 32, 4, 1000, true, List.of(MediatorCount.FULL)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("preset is 'SiT-S/3', allowed are SiT-Ti/2, SiT-Ti/4")
                .hasMessageEndingWith("SiT-XL/8");
    }
}
