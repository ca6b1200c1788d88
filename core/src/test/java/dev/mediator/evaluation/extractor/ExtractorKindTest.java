package dev.mediator.evaluation.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ExtractorKindTest {
    @Test
    void namesRoundTrip() {
        for (ExtractorKind kind : ExtractorKind.values()) {
            assertThat(ExtractorKind.parse(kind.label())).isEqualTo(kind);
        }
    }

    @Test
    void otherNamesAreRefusedWithTheChoices() {
        assertThatThrownBy(() -> ExtractorKind.parse("vgg"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the extractor is 'vgg', allowed are fashion, inception, inception-pytorch-fid,"
                        + " efficientnet-lite0");
    }
}
