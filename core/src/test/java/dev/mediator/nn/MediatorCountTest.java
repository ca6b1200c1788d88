package dev.mediator.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class MediatorCountTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "4, 2", "16, 4", "64, 8", "65536, 256"})
    void mediatorsFormASquare(int tokens, int side) {
        assertThat(new MediatorCount(tokens).side()).isEqualTo(side);
        assertThat(MediatorCount.parse(" " + tokens)).isEqualTo(new MediatorCount(tokens));
        assertThat(new MediatorCount(tokens)).hasToString(Integer.toString(tokens));
    }

    @Test
    void fullAttentionIsACountToo() {
        assertThat(MediatorCount.parse("Full")).isEqualTo(MediatorCount.FULL);
        assertThat(MediatorCount.FULL.isFull()).isTrue();
        assertThat(MediatorCount.FULL).hasToString("full");
        assertThat(new MediatorCount(4).isFull()).isFalse();
    }

    @Test
    void fullAttentionIsTheLargest() {
        List<MediatorCount> sorted = Stream.of("full", "64", "4", "full", "16")
                .map(MediatorCount::parse)
                .sorted()
                .toList();
        assertThat(sorted).hasToString("[4, 16, 64, full, full]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"4", "64", "\"full\""})
    void jsonGoesRound(String json) {
        JsonMapper mapper = new JsonMapper();
        assertThat(mapper.writeValueAsString(mapper.readValue(json, MediatorCount.class)))
                .isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "0", "-4", "4.0", "four", "", "65537"})
    void otherCountsAreRefused(String text) {
        assertThatThrownBy(() -> MediatorCount.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text)
                .hasMessageContaining("allowed are perfect squares (4, 16, 64, …) and 'full'");
    }
}
