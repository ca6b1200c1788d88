package dev.mediator.evaluation.extractor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.tensor.ComputeDevice;
import org.junit.jupiter.api.Test;

class NetworkExtractorTest {
    @Test
    void cardSeesMorePicturesAtOnceThanACacheHolds() {
        assertThat(NetworkExtractor.picturesAtOnce(ComputeDevice.CPU, 2)).isEqualTo(2);
        assertThat(NetworkExtractor.picturesAtOnce(ComputeDevice.cuda(0), 2)).isEqualTo(64);
        assertThat(NetworkExtractor.picturesAtOnce(ComputeDevice.cuda(0), 100)).isEqualTo(100);
    }
}
