package dev.mediator.app.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import org.junit.jupiter.api.Test;

class TrainingProgressTest {
    @Test
    void beforeTheFirstUpdateItSaysWhatOneTakesAndWhenTheRunEnds() {
        LocalDateTime now = LocalDateTime.of(2026, 3, 1, 22, 10);
        assertThat(TrainingProgress.estimate(0.25, 2000, now))
                .isEqualTo("an update takes about 0.25 s or less here, all 2000 about 8 min 20 s or less, until 22:18");
        assertThat(TrainingProgress.estimate(300, 120, now))
                .isEqualTo("an update takes about 5 min 00 s or less here, all 120 about 10 h 00 min or less, until"
                        + " 2026-03-02 08:10");
    }
}
