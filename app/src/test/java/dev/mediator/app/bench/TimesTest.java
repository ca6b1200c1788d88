package dev.mediator.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TimesTest {
    @Test
    void quantilesLieBetweenNeighbours() {
        Times times = new Times(40, 10, 30, 20);

        assertThat(times.quantile(0)).isEqualTo(10);
        assertThat(times.quantile(0.25)).isEqualTo(17.5);
        assertThat(times.quantile(0.5)).isEqualTo(25);
        assertThat(times.quantile(0.75)).isEqualTo(32.5);
        assertThat(times.quantile(1)).isEqualTo(40);
        assertThat(new Times(3, 1, 2).quantile(0.5)).isEqualTo(2);
    }

    @Test
    void oneRunIsAllQuantiles() {
        assertThat(new Times(7).quantile(0.25)).isEqualTo(7);
        assertThat(new Times(7).quantile(0.75)).isEqualTo(7);
    }
}
