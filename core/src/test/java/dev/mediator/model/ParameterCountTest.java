package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.nn.MediatorCount;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ParameterCountTest {
    /** In millions, of the published networks for 256×256 images. These figures include the fixed position table. */
    @ParameterizedTest
    @CsvSource({
        "SiT-S/2, full, 32.96", "SiT-B/2, full, 130.51", "SiT-L/2, full, 458.10", "SiT-XL/2, full, 675.13",
        "SiT-S/2, 64, 33.76", "SiT-B/2, 64, 132.10", "SiT-L/2, 64, 462.33", "SiT-XL/2, 64, 680.10",
    })
    void countsAreThePublishedOnes(String preset, String mediators, double millions) {
        List<MediatorCount> counts = List.of(MediatorCount.parse(mediators));
        SitConfig config = SitPreset.config(preset, 32, 4, 1000, true, counts);
        long positions = (long) config.tokens() * config.width();
        assertThat((ParameterCount.of(config) + positions) / 1e6).isCloseTo(millions, within(0.005));
    }

    static Stream<SitConfig> networks() {
        return Stream.of(
                config(16, 2, 3, 4, 10, false, null, "full"),
                config(16, 2, 3, 4, 10, false, null, "16"),
                config(16, 2, 3, 4, 10, true, null, "4", "16", "64", "full"),
                config(24, 4, 1, 2.5, 7, true, List.of(0, 2), "9", "full"),
                config(24, 4, 1, 4, 1, false, List.of(), "9"));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void countsAreThoseOfBuiltNetworks(SitConfig config) {
        try (Sit sit = Sit.fresh(config, 0)) {
            assertThat(ParameterCount.of(config)).isEqualTo(sit.parameterCount());
        }
    }

    @Test
    void aCountThatOverflowsIsRefused() {
        SitConfig huge = new SitConfig(2, 2, 1, 1 << 30, 64, 1, 4, 1, false, List.of(MediatorCount.FULL), null);
        assertThatThrownBy(() -> ParameterCount.of(huge))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the network is too large");
    }

    private static SitConfig config(
            int size,
            int patch,
            int channels,
            double mlpRatio,
            int classes,
            boolean learnSigma,
            @Nullable List<Integer> blocks,
            String... mediators) {
        List<MediatorCount> counts =
                Arrays.stream(mediators).map(MediatorCount::parse).toList();
        return new SitConfig(size, patch, channels, 16, 3, 2, mlpRatio, classes, learnSigma, counts, blocks);
    }
}
