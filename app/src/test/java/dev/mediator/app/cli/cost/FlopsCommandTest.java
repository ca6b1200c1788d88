package dev.mediator.app.cli.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.model.FlopCount;
import dev.mediator.model.ParameterCount;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class FlopsCommandTest {
    @TempDir
    private Path folder;

    /** As published, for latents of an eighth of the image. */
    @ParameterizedTest
    @CsvSource({
        "SiT-S/2, 256, full, 6.06, 32.96",
        "SiT-S/2, 256, 64, 5.76, 33.76",
        "SiT-B/2, 512, 64, 89.56, 132.10",
        "SiT-XL/2, 1024, full, 2909.2, 675.13",
    })
    void oneSettingHasPlainNumbers(String preset, int imageSize, String mediators, double gflops, double millions) {
        CliRun run = flops("--json --preset " + preset + " --image-size " + imageSize + " --mediators " + mediators);

        JsonNode answer = run.json();
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(answer.path("preset").stringValue()).isEqualTo(preset);
        assertThat(answer.has("model")).isFalse();
        assertThat(answer.path("imageSize").intValue()).isEqualTo(imageSize);
        assertThat(answer.path("inputSize").intValue()).isEqualTo(imageSize / 8);
        assertThat(answer.path("mediators").asString()).isEqualTo(mediators);
        assertThat(answer.path("gflops").doubleValue()).isCloseTo(gflops, withinPercentage(0.1));
        assertThat(answer.path("parameters").longValue() / 1e6).isCloseTo(millions, withinPercentage(1));
        assertThat(answer.path("breakdown").values().stream()
                        .mapToDouble(JsonNode::doubleValue)
                        .sum())
                .isCloseTo(answer.path("gflops").doubleValue(), withinPercentage(1e-9));
        assertThat(answer.path("rows")).hasSize(1);
    }

    @Test
    void partsAreNamed() {
        JsonNode breakdown = flops("--json").json().path("breakdown");
        assertThat(breakdown.propertyNames())
                .containsExactly(
                        "patches",
                        "conditioning",
                        "modulation",
                        "qkv",
                        "softmax",
                        "read",
                        "write",
                        "convolution",
                        "proj",
                        "mlp",
                        "final");
        assertThat(breakdown.path("mlp").doubleValue()).isCloseTo(12L * 8 * 256 * 384 * 384 / 1e9, within(1e-12));
        assertThat(breakdown.path("softmax").doubleValue()).isZero();
    }

    @Test
    void severalCountsHaveRows() {
        JsonNode answer = flops("--json --mediators 4,16,full").json();

        assertThat(answer.has("gflops")).isFalse();
        assertThat(answer.path("rows").valueStream().map(row -> row.path("mediators")
                        .asString()))
                .containsExactly("4", "16", "full");
        JsonNode four = answer.path("rows").path(0);
        JsonNode full = answer.path("rows").path(2);
        assertThat(full.path("shareOfFull").doubleValue()).isEqualTo(1);
        assertThat(four.path("shareOfFull").doubleValue())
                .isCloseTo(
                        four.path("gflops").doubleValue() / full.path("gflops").doubleValue(), within(1e-12));
        assertThat(full.path("parameters").longValue())
                .as("networks of their own")
                .isLessThan(four.path("parameters").longValue());
    }

    @Test
    void anElasticNetworkIsOneForAllCounts() {
        JsonNode rows = flops("--json --mediators 4,16,full --elastic").json().path("rows");

        assertThat(rows.valueStream().map(row -> row.path("parameters").longValue()))
                .hasSize(3)
                .containsOnly(rows.path(0).path("parameters").longValue());
        assertThat(rows.path(2).path("shareOfFull").doubleValue())
                .as("full attention beside the depthwise convolution")
                .isBetween(1.001, 1.01);
    }

    @Test
    void optionsChangeTheNetwork() {
        double parameters = answer("--mediators full", "parameters");

        assertThat(answer("--mediators full --no-learn-sigma", "parameters")).isEqualTo(parameters - 16 * 385);
        assertThat(answer("--mediators full --classes 10", "parameters")).isEqualTo(parameters - 990 * 384);
        assertThat(answer("--mediators full --learn-sigma --classes 1000 --channels 4", "parameters"))
                .isEqualTo(parameters);
        assertThat(answer("--mediators full --image-size 32 --latent-factor 1", "gflops"))
                .isEqualTo(answer("--mediators full", "gflops"));
        assertThat(flops("--json --mediators 16 --mediator-blocks 0,1,2")
                        .json()
                        .path("breakdown")
                        .path("convolution")
                        .doubleValue())
                .isCloseTo(3 * 9 * 256 * 384 / 1e9, within(1e-12));
    }

    @Test
    void aCheckpointIsCountedWithAllThatItServes() throws IOException {
        Path file = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        SitConfig config = TinyCheckpoint.config(1, TinyCheckpoint.CLASSES.size());

        JsonNode answer = flops("--json --model " + file).json();
        JsonNode larger = flops("--json --model " + file + " --mediators 16 --image-size 16")
                .json();

        assertThat(answer.path("model").stringValue()).isEqualTo(file.toString());
        assertThat(answer.path("imageSize").intValue()).isEqualTo(8);
        assertThat(answer.path("rows").valueStream().map(row -> row.path("gflops")
                        .doubleValue()))
                .containsExactlyElementsOf(config.mediators().stream()
                        .map(count -> FlopCount.forward(config, count) / 1e9)
                        .toList());
        assertThat(answer.path("rows").path(0).path("parameters").longValue())
                .isEqualTo(ParameterCount.of(config))
                .isEqualTo(CliRun.of("info", "--json", file)
                        .json()
                        .path("parameters")
                        .longValue());
        assertThat(larger.path("gflops").doubleValue())
                .isEqualTo(FlopCount.forward(config.withInputSize(16), new MediatorCount(16)) / 1e9);
    }

    /** 4 midpoint steps, guided at t = 0.25 to 0.875; 7 of Heun and the last step; or 250 evaluations of the SDE. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "static:16                                      | 14 | 16 | 0",
                "static:16 --guidance 1                         | 8 | 16 | 0",
                "static:16 --guidance 1 --solver heun           | 15 | 16 | 0",
                "static:16 --sampler sde --guidance 1           | 250 | 16 | 0",
                "fixed:16@0.5,full --mediators 4,16,full        | 14 | 16 | 8",
                "fixed:16@0.5,full --guidance-interval 0.5,1    | 12 | 16 | 8",
            })
    void aScheduleHasTheCostOfARun(String options, int passes, int mediators, int full) {
        JsonNode answer = flops("--json --schedule " + options).json();
        JsonNode run = answer.path("run");
        double small = answer("--mediators " + mediators, "gflops");
        double large = answer("--mediators full", "gflops");

        double expected = (passes - full) * small + full * large;
        assertThat(run.path("passes").intValue()).isEqualTo(passes);
        assertThat(run.path("gflops").doubleValue()).isCloseTo(expected, withinPercentage(1e-9));
        assertThat(run.path("largest").asString()).isEqualTo(full == 0 ? "16" : "full");
        assertThat(run.path("shareLeast").doubleValue())
                .isEqualTo(run.path("shareMost").doubleValue())
                .isCloseTo(full == 0 ? 1 : expected / (passes * large), withinPercentage(1e-9));
    }

    @Test
    void aBudgetIsResolved() {
        CliRun run = flops("--schedule budget:0.95 --mediators 4,16,full --sampler sde --guidance 1");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .containsPattern("one image by fixed:full@0\\.\\d+,16@0\\.\\d+,4\n")
                .contains("SDE euler, 250 points", "no guidance: 250 passes\n")
                .containsPattern(" 9[45]\\.\\d % of the 1513\\.9 that it costs with full at every step")
                .doesNotContain("depends on the image");
    }

    @Test
    void whatDependsOnTheImageHasBounds() {
        String options = "--schedule threshold:4,16,64@0.8,0.6;mae --sampler sde --guidance 1";
        JsonNode run = flops("--json " + options).json().path("run");
        double four = answer("--mediators 4", "gflops");
        double most = answer("--mediators 64", "gflops");

        assertThat(run.has("gflops")).isFalse();
        assertThat(run.path("gflopsLeast").doubleValue()).isCloseTo(250 * four, withinPercentage(1e-9));
        assertThat(run.path("gflopsMost").doubleValue()).isCloseTo(5 * four + 245 * most, withinPercentage(1e-9));
        assertThat(flops(options).out())
                .contains("one image by threshold:4,16,64@0.8,0.6;mae")
                .contains("1370.3 to 1439.7 GFLOPs, 95.1 to 99.9 % of the 1441.1 that it costs with 64 at every step")
                .contains("The cost depends on the image.");
    }

    /** The times of a checkpoint's steps depend on what it was trained to predict. */
    @Test
    void aCheckpointIsSampledAsItWasTrained() throws IOException {
        Path file = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));

        JsonNode run = flops("--json --model " + file + " --schedule fixed:4@0.5,full --points 9")
                .json()
                .path("run");

        assertThat(run.path("passes").intValue()).isEqualTo(16 + 11);
        assertThat(run.path("schedule").stringValue()).isEqualTo("fixed:4@0.5,full");
        assertThat(run.path("largest").asString())
                .as("with 16 tokens, the network's costliest count")
                .isEqualTo("16");
    }

    @Test
    void forPeopleItIsATable() {
        CliRun run = flops("--preset SiT-S/2 --mediators 4,64,full");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("SiT-S/2, 256×256 images, 32×32×4 input, 256 tokens of width 384, 12 blocks")
                .containsPattern("(?m)^mediators +4 +64 +full$")
                .containsPattern("(?m)^GFLOPs +5\\.4812 +5\\.7643 +6\\.0557$")
                .containsPattern("(?m)^of full attention +90\\.5 % +95\\.2 % +100\\.0 %$")
                .containsPattern("(?m)^parameters +\\S+ M +33\\.66 M +32\\.87 M$")
                .containsPattern("(?m)^qkv +1\\.3590 +24\\.8 %")
                .containsPattern("(?m)^softmax {40,}0\\.6040 +10\\.0 %$")
                .contains("multiply-adds");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void partsThatTheNetworksLackAreNotShown() {
        assertThat(flops("--mediators full").out()).contains("softmax").doesNotContain("read", "convolution");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--preset SiT-Q/2           | preset is 'SiT-Q/2', allowed are SiT-Ti/2",
                "--mediators 5              | mediator count is 5",
                "--mediators 4,             | mediator count is ''",
                "--mediators 4,16,4         | --mediators is '4,16,4', allowed is a list without repetitions",
                "--mediators 1024           | model.mediators is 1024, allowed is at most one mediator per token",
                "--image-size 250           | --image-size is 250, allowed are multiples of the latent factor 8",
                "--image-size 8             | model.inputSize is 1, allowed is a multiple of patchSize 2",
                "--image-size -8            | --image-size is -8, allowed are 1 to",
                "--image-size x             | invalid value for option '--image-size': 'x' is not an int",
                "--image-size 2000000       | model.inputSize is 250000, allowed is at most 32768 patches of 2",
                "--latent-factor 0          | --latent-factor is 0, allowed are 1 to 1024",
                "--channels 0               | --channels is 0, allowed are 1 to",
                "--classes 0                | --classes is 0, allowed are 1 to",
                "--mediator-blocks 12       | model.mediatorBlocks is 12, allowed is 0 to 11",
                "--points 50               | --points needs a --schedule, such as static:16",
                "--schedule 16             | the schedule is '16', allowed are static:N",
                "--schedule static:4 --mediators 16 | the schedule has the mediator count 4, the network serves [16]",
                "--schedule static:4 --solver dopri5 | the sampler is ODE dopri5",
                "--schedule static:4 --sampler sde --rtol 1 | --rtol is 1.0, but it belongs to dopri5",
                "--schedule budget:0.5 --mediators 4,64 | the budget is 0.5, allowed with the counts",
                "--model x --preset SiT-S/2 | --preset belongs to presets, but --model names a checkpoint",
                "--model x --no-learn-sigma | --no-learn-sigma belongs to presets",
                "--model x --elastic        | --elastic belongs to presets",
            })
    void badInputIsOneLineAndExitCode2(String options, String message) {
        CliRun run = flops(options);

        assertThat(run.err()).startsWith("mediator: " + message).hasLineCount(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void aFileThatIsNoCheckpointIsExitCode1() throws IOException {
        Path file = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));

        CliRun missing = flops("--model " + folder.resolve("none.safetensors"));
        CliRun notServed = flops("--model " + file + " --mediators 9");

        assertThat(missing.err()).contains("none.safetensors").hasLineCount(1);
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(notServed.err()).contains("mediator count is 9, the network's choices are [4, 16, full]");
        assertThat(notServed.exitCode()).isEqualTo(2);
    }

    private static double answer(String options, String field) {
        return flops("--json " + options).json().path(field).doubleValue();
    }

    private static CliRun flops(String options) {
        return CliRun.of(
                Stream.concat(Stream.of("flops"), Arrays.stream(options.strip().split(" +")))
                        .toArray());
    }
}
