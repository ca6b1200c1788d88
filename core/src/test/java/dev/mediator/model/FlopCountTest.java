package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.mediator.model.FlopCount.Part;
import dev.mediator.nn.MediatorCount;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlopCountTest {
    private static final MediatorCount SIXTEEN = new MediatorCount(16);

    /** GFLOPs of the published models for images of this side, in latents of an eighth. */
    @ParameterizedTest
    @CsvSource({
        "SiT-S/2, 256, full, 6.06",
        "SiT-S/2, 256, 4, 5.48",
        "SiT-S/2, 256, 16, 5.54",
        "SiT-S/2, 256, 64, 5.76",
        "SiT-S/2, 512, full, 31.44",
        "SiT-S/2, 512, 64, 23.02",
        "SiT-S/2, 1024, full, 241.7",
        "SiT-S/2, 1024, 64, 92.1",
        "SiT-B/2, 256, full, 23.01",
        "SiT-B/2, 256, 4, 21.86",
        "SiT-B/2, 256, 16, 21.97",
        "SiT-B/2, 256, 64, 22.42",
        "SiT-B/2, 512, full, 106.38",
        "SiT-B/2, 512, 64, 89.56",
        "SiT-B/2, 1024, full, 657.3",
        "SiT-B/2, 1024, 64, 358.1",
        "SiT-L/2, 256, full, 80.70",
        "SiT-L/2, 256, 4, 77.63",
        "SiT-L/2, 256, 16, 77.94",
        "SiT-L/2, 256, 64, 79.14",
        "SiT-L/2, 512, full, 360.98",
        "SiT-L/2, 512, 64, 316.11",
        "SiT-L/2, 1024, full, 2061.9",
        "SiT-L/2, 1024, 64, 1264.0",
        "SiT-XL/2, 256, full, 118.62",
        "SiT-XL/2, 256, 4, 114.60",
        "SiT-XL/2, 256, 16, 115.00",
        "SiT-XL/2, 256, 64, 116.58",
        "SiT-XL/2, 512, full, 524.54",
        "SiT-XL/2, 512, 64, 465.65",
        "SiT-XL/2, 1024, full, 2909.2",
        "SiT-XL/2, 1024, 64, 1861.9",
    })
    void countsAreThePublishedOnes(String preset, int imageSize, String mediators, double gflops) {
        MediatorCount count = MediatorCount.parse(mediators);
        SitConfig config = SitPreset.config(preset, imageSize / 8, 4, 1000, true, List.of(count));
        assertThat(FlopCount.forward(config, count) / 1e9).isCloseTo(gflops, withinPercentage(0.1));
    }

    /** Counted one by one: N = 4 tokens of D = 8, hidden 32, patches of 2·2·3 values, one block. */
    @Test
    void aTinyNetworkCountedByHand() {
        FlopCount count = FlopCount.of(tiny(MediatorCount.FULL), MediatorCount.FULL);

        assertThat(count.parts())
                .containsEntry(Part.PATCHES, 4L * 12 * 8)
                .containsEntry(Part.CONDITIONING, 256L * 8 + 8 * 8)
                .containsEntry(Part.MODULATION, 8L * 48)
                .containsEntry(Part.QKV, 4L * 8 * 24)
                .containsEntry(Part.SOFTMAX, 2L * 4 * 4 * 8)
                .containsEntry(Part.READ, 0L)
                .containsEntry(Part.WRITE, 0L)
                .containsEntry(Part.CONVOLUTION, 0L)
                .containsEntry(Part.PROJ, 4L * 8 * 8)
                .containsEntry(Part.MLP, 4L * 2 * 8 * 32)
                .containsEntry(Part.FINAL, 4L * 8 * 12 + 8 * 16)
                .hasSize(Part.values().length);
        assertThat(count.total())
                .isEqualTo(count.parts().values().stream().mapToLong(m -> m).sum())
                .isEqualTo(FlopCount.forward(tiny(MediatorCount.FULL), MediatorCount.FULL));
    }

    @Test
    void mediatorsReadAndWriteInPlaceOfSoftmax() {
        MediatorCount one = new MediatorCount(1);
        FlopCount count = FlopCount.of(tiny(one), one);

        assertThat(count.macs(Part.SOFTMAX)).isZero();
        assertThat(count.macs(Part.READ)).isEqualTo(2 * 4 * 8);
        assertThat(count.macs(Part.WRITE)).isEqualTo(2 * 4 * 8);
        assertThat(count.macs(Part.CONVOLUTION)).isEqualTo(9 * 4 * 8);
    }

    @Test
    void onlyWhatTheNetworkServesCanBeCounted() {
        assertThatThrownBy(() -> FlopCount.of(tiny(new MediatorCount(1)), new MediatorCount(4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("mediator count is 4, the network's choices are [1]");
    }

    @Test
    void aCountThatOverflowsIsRefused() {
        SitConfig huge = SitPreset.config("SiT-XL/2", 65536, 4, 1000, true, List.of(MediatorCount.FULL));
        assertThatThrownBy(() -> FlopCount.forward(huge, MediatorCount.FULL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the network is too large");
    }

    @Test
    void anElasticModelCountsWhatItUses() {
        SitConfig elastic = config(List.of(SIXTEEN, MediatorCount.FULL), null);
        long convolution = 12L * 9 * 256 * 384;

        assertThat(FlopCount.forward(elastic, SIXTEEN))
                .isEqualTo(FlopCount.forward(config(List.of(SIXTEEN), null), SIXTEEN));
        assertThat(FlopCount.forward(elastic, MediatorCount.FULL))
                .as("full attention of these weights keeps the depthwise convolution")
                .isEqualTo(
                        FlopCount.forward(config(List.of(MediatorCount.FULL), null), MediatorCount.FULL) + convolution);
    }

    @Test
    void blocksWithoutMediatorsCountAsSoftmax() {
        long all = FlopCount.forward(config(List.of(SIXTEEN), null), SIXTEEN);
        long first = FlopCount.forward(config(List.of(SIXTEEN), List.of(0, 1, 2)), SIXTEEN);
        long softmax = FlopCount.forward(config(List.of(MediatorCount.FULL), null), MediatorCount.FULL);
        assertThat(first - softmax).isEqualTo((all - softmax) / 4);
    }

    /** Full attention costs 2·N²·D, mediators 4·n·N·D: they meet at n = N/2. */
    @Test
    void theCostliestChoiceDependsOnTheGrid() {
        List<MediatorCount> counts = List.of(new MediatorCount(4), new MediatorCount(16), MediatorCount.FULL);
        SitConfig small = SitPreset.config("SiT-Ti/2", 8, 1, 10, false, counts);
        SitConfig large = SitPreset.config("SiT-Ti/2", 32, 1, 10, false, counts);
        assertThat(FlopCount.costliest(small)).isEqualTo(SIXTEEN);
        assertThat(FlopCount.costliest(large)).isEqualTo(MediatorCount.FULL);
    }

    private static SitConfig tiny(MediatorCount mediators) {
        return new SitConfig(4, 2, 3, 8, 1, 2, 4, 10, false, List.of(mediators), null);
    }

    private static SitConfig config(List<MediatorCount> counts, @Nullable List<Integer> blocks) {
        return new SitConfig(32, 2, 4, 384, 12, 6, 4, 1000, true, counts, blocks);
    }
}
