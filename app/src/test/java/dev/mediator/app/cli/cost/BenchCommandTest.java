package dev.mediator.app.cli.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.model.FlopCount;
import dev.mediator.model.Guidance;
import dev.mediator.model.SitConfig;
import dev.mediator.model.SitPreset;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.RunSetup;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StageCosts;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class BenchCommandTest {
    private static final String TINY = "--preset SiT-Ti/8 --image-size 16 --mediators 4 --batch 2 --runs 1 ";

    @TempDir
    private static Path folder;

    private static Path model;

    @BeforeAll
    static void writeCheckpoint() throws IOException {
        model = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
    }

    @Test
    void everyWorkIsCountedAndRatesFollow() {
        JsonNode answer = json(TINY + "--channels 3 --points 3 --measure training,image,step,forward,guided");

        assertThat(works(answer))
                .containsExactly(
                        "large linear",
                        "linear of its MLP",
                        "forward",
                        "guided forward",
                        "SDE step",
                        "image",
                        "training step");
        SitConfig config = SitPreset.config("SiT-Ti/8", 16, 3, 10, false, List.of(new MediatorCount(4)));
        double forward = 2 * FlopCount.forward(config, new MediatorCount(4)) / 1e9; // of a batch of 2
        assertThat(numbers(answer, "gmacs"))
                .containsExactly(
                        4096.0 * 1024 * 4096 / 1e9,
                        2.0 * 4 * 192 * 768 / 1e9,
                        forward,
                        2 * forward,
                        forward,
                        7 * forward, // two midpoint steps, guided in three of four evaluations
                        3 * forward);
        double linear = number(answer, 0, "gflopsPerSecond");
        for (int row = 0; row < answer.path("rows").size(); row++) {
            double rate = 2 * number(answer, row, "gmacs") / number(answer, row, "millis") * 1e3;
            assertThat(number(answer, row, "gflopsPerSecond")).isCloseTo(rate, withPercentage(0.01));
            assertThat(number(answer, row, "shareOfLinear")).isCloseTo(rate / linear, withPercentage(0.01));
        }
        assertThat(number(answer, 5, "imagesPerSecond"))
                .isCloseTo(2000 / number(answer, 5, "millis"), withPercentage(0.01));
        assertThat(answer.path("rows").path(2).has("imagesPerSecond")).isFalse();
        assertThat(answer.path("preset").stringValue()).isEqualTo("SiT-Ti/8");
        assertThat(answer.path("images").path("sampler").path("points").intValue())
                .isEqualTo(3);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatTheSystemTellsIsInTheAnswer() {
        JsonNode answer = json(TINY + "--measure forward");

        assertThat(answer.path("otherCpuShare").doubleValue()).isBetween(0.0, 1.0);
        assertThat(number(answer, 2, "peakMegabytes")).isGreaterThan(50);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--sampler sde --solver heun --points 4 --diffusion-form linear --diffusion-norm 0.5 --last-step euler"
                        + " --last-step-size 0.1 --guidance 1 | SDE heun, 4 points, diffusion linear of norm 0.5, last step"
                        + " euler of size 0.1, no guidance, static:4",
                "--solver dopri5 --rtol 0.1 --atol 0.2 --guidance 3 --guidance-channels 1 --guidance-interval 0.5,1 | ODE"
                        + " dopri5, rtol 0.1, atol 0.2, error norm per-sample, guidance 3.0 in [0.5, 1.0], static:4",
            })
    void imagesAreMadeAsTheOptionsSay(String options, String settings) {
        CliRun run = run(TINY + "--measure image " + options);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("images by " + settings + "\n");
    }

    @Test
    void checkpointsMakeImagesByASchedule() {
        JsonNode answer =
                json("--batch 3 --runs 1 --measure image --weights model --model " + model + " --schedule budget:0.9");

        SitConfig config = TinyCheckpoint.config(1, TinyCheckpoint.CLASSES.size());
        RunSetup plan = new RunSetup(
                OdeConfig.DEFAULT, // the defaults of sample
                Guidance.DEFAULT,
                Transport.LINEAR_VELOCITY,
                StageCosts.of(config));
        assertThat(number(answer, 2, "gmacs"))
                .isCloseTo(
                        3
                                * RunPlan.of(plan, Schedule.parse("budget:0.9"))
                                        .cost()
                                        .least()
                                / 1e9,
                        withPercentage(0.0001));
        assertThat(answer.path("model").stringValue()).isEqualTo(model.toString());
        assertThat(answer.has("preset")).isFalse();
        assertThat(answer.path("mediators").intValue()).isEqualTo(16); // the largest
        assertThat(answer.path("images").path("guidance").path("scale").doubleValue())
                .isEqualTo(2.5);
        assertThat(answer.path("images").path("schedule").path("share").doubleValue())
                .isEqualTo(0.9);
    }

    @Test
    void checkpointsServeTheirCounts() {
        JsonNode answer = json("--runs 2 --batch 1 --mediators 16 --measure forward,training --weights ema --dtype bf16"
                + " --model " + model);

        SitConfig config = TinyCheckpoint.config(1, TinyCheckpoint.CLASSES.size());
        double forward = FlopCount.forward(config, new MediatorCount(16)) / 1e9;
        assertThat(number(answer, 2, "gmacs")).isEqualTo(forward);
        assertThat(number(answer, 3, "gmacs")).isCloseTo(3 * forward, withPercentage(0.0001));
        assertThat(number(answer, 2, "lowerMillis"))
                .isBetween(number(answer, 2, "minMillis"), number(answer, 2, "millis"));
        assertThat(number(answer, 2, "upperMillis"))
                .isBetween(number(answer, 2, "millis"), number(answer, 2, "maxMillis"));
        assertThat(answer.path("dtype").stringValue()).isEqualTo("BF16");
    }

    @Test
    void autoencodersEncodeAndDecode() {
        JsonNode answer = json("--encode 8 --decode 8,16 --runs 1");

        assertThat(works(answer)).containsExactly("large linear", "encode 8×8", "decode 8×8", "decode 16×16");
        assertThat(number(answer, 3, "gmacs")).isGreaterThan(3 * number(answer, 2, "gmacs"));
        assertThat(answer.path("autoencoder").stringValue()).isEqualTo("sd-vae-ft-mse");
    }

    @Test
    void peopleGetATable() {
        CliRun run = run(TINY + "--measure image,step --points 2 --solver euler --guidance 1");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines().toList())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("SiT-Ti/8, 16×16×1, batch 2, mediators 4"),
                        line -> assertThat(line).isEqualTo("images by ODE euler, 2 points, no guidance, static:4"),
                        line -> assertThat(line).isEqualTo("cpu in F32, 1 threads, 1 runs"),
                        line -> assertThat(line).contains("median", "half of the runs", "GFLOP/s", "images/s"),
                        line -> assertThat(line)
                                .matches("  large linear +[\\d.]+ ms  [\\d.]+ to [\\d.]+ +[\\d.]+ +100 % .*"),
                        line -> assertThat(line).startsWith("  linear of its MLP "),
                        line -> assertThat(line).startsWith("  SDE step "),
                        line -> assertThat(line).startsWith("  image "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--batch 0 | --batch is 0, allowed are 1 to 65536",
                "--runs 0 | --runs is 0, allowed are 1 to 100000",
                "--warm-up=-1 | --warm-up is -1.0, allowed are 0 to 3600",
                "--preset SiT-Q/2 | preset is 'SiT-Q/2'",
                "--measure forward,all | --measure is 'forward,all', allowed are forward, guided, step, image and training",
                "--mediators 5 | mediator count is 5",
                "--image-size 33 | model.inputSize is 33",
                "--channels 0 | model.inChannels is 0",
                "--weights ema | --weights is ema, but it belongs to checkpoints, but --model names none",
                "--model MODEL --weights best | --weights is 'best', allowed are ema and model",
                "--model MODEL --preset SiT-S/2 | --preset is SiT-S/2, but it belongs to presets, but --model names a",
                "--model MODEL --image-size 8 | --image-size is 8, but it belongs to presets",
                "--model MODEL --channels 1 | --channels is 1, but it belongs to presets",
                "--model MODEL --mediators 9 --measure step | --mediators is '9', the network serves [4, 16, full]",
                "--model MODEL --runs 1 --measure image --schedule static:9 | the schedule has the mediator count 9",
                "--measure image --schedule static:16 | --schedule is 'static:16', but it belongs to checkpoints",
                "--points 4 | --points is given, but it belongs to --measure image",
                "--decode 256,100 | --decode is '256,100', allowed are multiples of 8 up to 8192",
                "--encode 9000 | --encode is '9000', allowed are multiples of 8 up to 8192",
                "--encode 8 --batch 2 | --batch is given, but it belongs to networks, and --encode and --decode measure",
                "--decode 8 --guidance 2 | --guidance is given, but it belongs to networks",
            })
    void whatCannotBeMeasuredIsRefused(String options, String message) {
        CliRun run = run(options.replace("MODEL", model.toString()));

        assertThat(run.err()).startsWith("mediator: " + message).hasLineCount(1);
        assertThat(run.exitCode()).isEqualTo(2);
    }

    private static CliRun run(String options) {
        String warmUp = options.contains("--warm-up") ? "" : "--warm-up 0.1 ";
        return CliRun.of(
                (Object[]) ("bench --threads 1 " + warmUp + options).strip().split(" +"));
    }

    private static JsonNode json(String options) {
        CliRun run = run("--json " + options);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.json();
    }

    private static List<String> works(JsonNode answer) {
        return answer.path("rows")
                .valueStream()
                .map(row -> row.path("work").stringValue())
                .toList();
    }

    private static double number(JsonNode answer, int row, String field) {
        return answer.path("rows").path(row).path(field).doubleValue();
    }

    private static List<Double> numbers(JsonNode answer, String field) {
        return answer.path("rows")
                .valueStream()
                .map(row -> row.path(field).doubleValue())
                .toList();
    }
}
