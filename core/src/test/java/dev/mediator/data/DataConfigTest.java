package dev.mediator.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class DataConfigTest {
    private static final JsonMapper JSON = new JsonMapper();

    @Test
    void survivesTheWayThroughJson() {
        DataConfig folder = new DataConfig(DataType.FOLDER, "/data/x", Split.ALL, 64, 0, 3, true, true, List.of());
        for (DataConfig config : List.of(DataConfig.defaults(), folder)) {
            assertThat(JSON.readValue(JSON.writeValueAsString(config), DataConfig.class))
                    .isEqualTo(config);
        }
        assertThat(JSON.writeValueAsString(folder))
                .contains("\"type\":\"folder\"", "\"path\":\"/data/x\"", "\"split\":\"all\"", "\"imageSize\":64")
                .doesNotContain("shape");
    }

    @Test
    void enumsAreWrittenInLowerCase() {
        for (DataType type : DataType.values()) {
            assertThat(JSON.writeValueAsString(type)).isEqualTo("\"" + type + "\"");
        }
        for (Split split : Split.values()) {
            assertThat(JSON.writeValueAsString(split)).isEqualTo("\"" + split + "\"");
        }
    }

    @Test
    void whatJsonLeavesOutIsNamed() {
        ObjectNode json = JSON.valueToTree(DataConfig.defaults());
        json.remove("path");
        assertThatExceptionOfType(JacksonException.class)
                .isThrownBy(() -> JSON.treeToValue(json, DataConfig.class))
                .withMessageContaining("data.path is missing");
    }

    @Test
    void wrongSettingsAreNamedWithTheirValues() {
        assertRefused("data.imageSize is 0, allowed are 1 to 4096", 0, 32, 1, "x");
        assertRefused("data.padTo is -1", 32, -1, 1, "x");
        assertRefused("data.channels is 2, allowed are 1 and 3", 32, 32, 2, "x");
        assertRefused("data.imageSize is 24, allowed are divisors of data.padTo 32", 24, 32, 1, "x");
        assertRefused("data.imageSize is 64, allowed are divisors of data.padTo 32", 64, 32, 1, "x");
        assertRefused("data.path is empty", 32, 32, 1, " ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataConfig.defaults().withSplit(Split.ALL))
                .withMessageContaining("data.split is all, allowed for idx are train and test");
    }

    @Test
    void theShapeFollowsFromTheSettings() {
        assertThat(DataConfig.defaults().shape()).isEqualTo(new ImageShape(1, 32, 32));
        assertThat(DataConfig.defaults().withImageSize(16).shape()).isEqualTo(new ImageShape(1, 16, 16));
        assertThat(new ImageShape(3, 16, 8).numel()).isEqualTo(384);
        assertThat(new ImageShape(3, 16, 8).sizes()).containsExactly(3, 16, 8);
        assertThatIllegalArgumentException().isThrownBy(() -> new ImageShape(0, 16, 8));
    }

    private static void assertRefused(String message, int imageSize, int padTo, int channels, String path) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DataConfig(
                        DataType.IDX, path, Split.TRAIN, imageSize, padTo, channels, false, false, List.of()))
                .withMessageContaining(message);
    }
}
