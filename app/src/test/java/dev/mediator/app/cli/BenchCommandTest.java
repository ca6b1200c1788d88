package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class BenchCommandTest {
    @Test
    void ratesFollowFromTimesAndMultiplyAdds() {
        CliRun run = CliRun.of(
                "bench",
                "--json",
                "--preset",
                "SiT-Ti/8",
                "--image-size",
                "16",
                "--mediators",
                "4",
                "--batch",
                "2",
                "--runs",
                "1",
                "--measure",
                "training,step,forward,guided");

        assertThat(run.exitCode()).isZero();
        JsonNode answer = run.json();
        assertThat(answer.path("rows").valueStream().map(r -> r.path("work").stringValue()))
                .containsExactly(
                        "large linear", "linear of its MLP", "forward", "guided forward", "SDE step", "training step");
        JsonNode linear = answer.path("rows").path(0);
        double flops = 2.0 * 4096 * 1024 * 4096;
        assertThat(linear.path("gflopsPerSecond").doubleValue()
                        * linear.path("millis").doubleValue())
                .isCloseTo(flops / 1e6, Percentage.withPercentage(0.01));
        assertThat(answer.path("rows").path(2).path("shareOfLinear").doubleValue())
                .isPositive()
                .isLessThan(2);
    }

    @Test
    void whatCannotBeMeasuredIsRefused() {
        assertRefused("batch is 0", "--batch", "0");
        assertRefused("runs is 0", "--runs", "0");
        assertRefused("preset is 'SiT-Q/2'", "--preset", "SiT-Q/2");
        assertRefused("--measure is 'forward,all'", "--measure", "forward,all");
        assertRefused("mediator count is 5", "--mediators", "5");
        assertRefused("model.inputSize is 33", "--image-size", "33");
        assertRefused("decode is '256,100', allowed are multiples of 8", "--decode", "256,100");
    }

    private static void assertRefused(String message, String... option) {
        CliRun run = CliRun.of("bench", option[0], option[1]);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(message).doesNotContain("\tat ");
    }
}
