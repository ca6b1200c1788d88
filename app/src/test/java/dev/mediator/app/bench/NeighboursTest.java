package dev.mediator.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class NeighboursTest {
    /** Two CPUs for ten seconds: 2000 units, of which this process used 900, the kernel's interrupts and others 300. */
    @Test
    void whatOthersUsedIsWhatWasBusyWithoutUs() {
        CpuTime start = CpuTime.parse(
                "cpu  1000 200 300 5000 100 10 20 30 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n", Duration.ofSeconds(3));
        CpuTime end = CpuTime.parse("cpu  2000 250 400 5790 110 15 25 70 0 0\n", Duration.ofSeconds(12));

        assertThat(end.all() - start.all()).isEqualTo(2000);
        assertThat(end.busy() - start.busy()).isEqualTo(1200);
        assertThat(end.own() - start.own()).isEqualTo(900);
        assertThat(end.othersSince(start)).isEqualTo(0.15);
    }

    @Test
    void roundingNeverLeavesTheRange() {
        CpuTime start = CpuTime.parse("cpu 0 0 0 0 0 0 0 0", Duration.ZERO);

        assertThat(start.othersSince(start)).isZero();
        assertThat(CpuTime.parse("cpu 5 0 0 5 0 0 0 0", Duration.ofMillis(80)).othersSince(start))
                .isZero();
    }

    @Test
    void elsewhereTheLoadStandsForIt() {
        assertThat(Neighbours.load(0.5, 4)).hasValue(0.125);
        assertThat(Neighbours.load(9, 4)).hasValue(1);
        assertThat(Neighbours.load(-1, 4)).isEmpty();
    }

    @Test
    void onlyWhatDisturbsIsWorthAWarning() {
        assertThat(Neighbours.warning(OptionalDouble.of(0.234))).hasValueSatisfying(text -> assertThat(text)
                .startsWith("other processes used 23 % of this machine's CPU"));
        assertThat(Neighbours.warning(OptionalDouble.of(0.05))).isEmpty();
        assertThat(Neighbours.warning(OptionalDouble.empty())).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void ourOwnWorkIsNotTheirs() {
        CpuTime start = CpuTime.now().orElseThrow();
        double sum = 0;
        CpuTime end = start;
        while (end.own() - start.own() < 20) {
            for (int i = 0; i < 100_000; i++) {
                sum += Math.sin(sum + 1);
            }
            end = CpuTime.now().orElseThrow();
        }

        assertThat(sum).isFinite();
        assertThat(end.busy()).isGreaterThan(start.busy());
        assertThat(end.othersSince(start)).isBetween(0.0, 1.0);
    }
}
