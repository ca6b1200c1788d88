package dev.mediator.app.cli.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.sampling.DiffusionForm;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SdeSolver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every option of {@code sample} reaches the sampler, or says why it cannot. */
class SampleOptionsTest {
    @TempDir
    private Path folder;

    private Path model;
    private Path out;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        out = folder.resolve("out");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--points 7                              | sampler   | {`equation`:`ode`,`solver`:`midpoint`,`points`:7,`rtol`:0.001,`atol`:1.0E-6,`errorNorm`:`per-sample`,`lastStep`:`none`,`lastStepSize`:0.0}",
                "--solver rk4                            | sampler   | {`equation`:`ode`,`solver`:`rk4`,`points`:4,`rtol`:0.001,`atol`:1.0E-6,`errorNorm`:`per-sample`,`lastStep`:`euler`,`lastStepSize`:0.04}",
                "--solver heun --points 16 --last-step none | sampler | {`equation`:`ode`,`solver`:`heun`,`points`:16,`rtol`:0.001,`atol`:1.0E-6,`errorNorm`:`per-sample`,`lastStep`:`none`,`lastStepSize`:0.0}",
                "--last-step tweedie --last-step-size 0.1 | sampler  | {`equation`:`ode`,`solver`:`midpoint`,`points`:5,`rtol`:0.001,`atol`:1.0E-6,`errorNorm`:`per-sample`,`lastStep`:`tweedie`,`lastStepSize`:0.1}",
                "--solver dopri5 --rtol 0.01 --atol 1e-4 | sampler   | {`equation`:`ode`,`solver`:`dopri5`,`points`:2,`rtol`:0.01,`atol`:1.0E-4,`errorNorm`:`per-sample`,`lastStep`:`euler`,`lastStepSize`:0.04}",
                "--sampler sde --points 9                | sampler   | {`equation`:`sde`,`solver`:`euler`,`form`:`sigma`,`norm`:1.0,`lastStep`:`mean`,`lastStepSize`:0.04,`points`:9}",
                "--sampler sde --points 9 --solver heun --diffusion-form linear --diffusion-norm 0.5 --last-step euler --last-step-size 0.1 | sampler | {`equation`:`sde`,`solver`:`heun`,`form`:`linear`,`norm`:0.5,`lastStep`:`euler`,`lastStepSize`:0.1,`points`:9}",
                "--sampler sde --points 9 --last-step none | sampler | {`equation`:`sde`,`solver`:`euler`,`form`:`sigma`,`norm`:1.0,`lastStep`:`none`,`lastStepSize`:0.0,`points`:9}",
                "--sampler SDE --solver Heun --points 9 --diffusion-form LINEAR --last-step None --weights EMA --device CPU --dtype FP32 --matmul IEEE | sampler | {`equation`:`sde`,`solver`:`heun`,`form`:`linear`,`norm`:1.0,`lastStep`:`none`,`lastStepSize`:0.0,`points`:9}",
                "--points 3 --mediators FULL --classes ALL | schedule | {`rule`:`static`,`mediators`:`full`}",
                "--points 3 --schedule FIXED:4@0.4,FULL  | schedule  | {`rule`:`fixed`,`counts`:[4,`full`],`until`:[0.4]}",
                "--points 3                              | guidance  | {`scale`:2.5,`channels`:0,`tMin`:0.2,`tMax`:0.9}",
                "--points 3 --guidance 4 --guidance-channels 1 --guidance-interval 0.1,0.6 | guidance | {`scale`:4.0,`channels`:1,`tMin`:0.1,`tMax`:0.6}",
                "--points 3                              | schedule  | {`rule`:`static`,`mediators`:16}",
                "--points 3 --mediators 4                | schedule  | {`rule`:`static`,`mediators`:4}",
                "--points 3 --mediators full             | schedule  | {`rule`:`static`,`mediators`:`full`}",
                "--points 3 --schedule static:4          | schedule  | {`rule`:`static`,`mediators`:4}",
                "--points 3 --schedule fixed:4@0.4,full  | schedule  | {`rule`:`fixed`,`counts`:[4,`full`],`until`:[0.4]}",
                "--points 9 --schedule threshold:4,16@0.8;mse;window=2;batch | schedule | {`rule`:`threshold`,`counts`:[4,16],`thresholds`:[0.8],`distance`:`mse`,`window`:2,`batchWide`:true}",
                "--points 30 --schedule budget:0.95      | schedule  | {`rule`:`budget`,`share`:0.95}",
            })
    void optionsAreInTheRecord(String options, String part, String expected) throws IOException {
        CliRun run = sample(options);

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode record = new JsonMapper().readTree(Files.readString(out.resolve("record.json")));
        assertThat(record.path("settings").path(part)).isEqualTo(new JsonMapper().readTree(expected.replace('`', '"')));
    }

    static Stream<String> samplers() {
        return Stream.of(
                        Arrays.stream(OdeSolver.values()).map(solver -> "--solver " + solver.label()),
                        Arrays.stream(SdeSolver.values()).map(solver -> "--sampler sde --solver " + solver.label()),
                        Arrays.stream(DiffusionForm.values())
                                .map(form -> "--sampler sde --diffusion-form " + form.label()),
                        Arrays.stream(LastStep.values()).map(step -> "--sampler sde --last-step " + step.label()))
                .flatMap(options -> options)
                .map(options -> options.contains("dopri5") ? options : options + " --points 8");
    }

    @ParameterizedTest
    @MethodSource("samplers")
    void everySolverFormAndLastStepMakesPictures(String options) {
        CliRun run = sample(options + " --json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().path("evaluations").longValue()).isPositive();
    }

    @Test
    void bf16IsTakenAndRecorded() throws IOException {
        CliRun run = sample("--dtype bf16 --points 4");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(Files.readString(out.resolve("record.json"))).contains("\"dtype\" : \"BF16\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--count 0                    | --count is 0, allowed are 1 to 1000000",
                "--count -1                   | --count is -1, allowed are 1 to 1000000",
                "--count 1000001              | --count is 1000001, allowed are 1 to 1000000",
                "--count 500000               | --count is 500000 for 3 classes, allowed are 1000000 pictures at a time",
                "--count many                 | invalid value for option '--count': 'many' is not an int",
                "--batch 0                    | --batch is 0, allowed are 1 to 4096",
                "--batch 5000                 | --batch is 5000, allowed are 1 to 4096",
                "--seed 9223372036854775806   | --seed is 9223372036854775806 with --count 4, allowed is at most 9223372036854775804",
                "--seed 9223372036854775808   | invalid value for option '--seed': '9223372036854775808' is not a long",
                "--seed x                     | invalid value for option '--seed': 'x' is not a long",
                "--classes Cat                | --classes has 'Cat', allowed are 0 to 2, all, and Boot, Bag, T-shirt/top",
                "--classes 3                  | --classes has '3', allowed are 0 to 2, all,",
                "--classes -1                 | --classes has '-1', allowed are 0 to 2, all,",
                "--classes Bag,               | --classes has '', allowed are 0 to 2, all,",
                "--classes=                   | --classes has '', allowed are 0 to 2, all,",
                "--weights best               | --weights is 'best', allowed are ema and model",
                "--sampler pde                | --sampler is 'pde', allowed are ode and sde",
                "--solver rk5                 | ODE solver is 'rk5', allowed are euler, midpoint, heun, heun3, rk4 and dopri5",
                "--sampler sde --solver rk4   | SDE solver is 'rk4', allowed are euler and heun",
                "--points 1                   | points is 1, allowed are 2 to 1000000",
                "--points 1.5                 | invalid value for option '--points': '1.5' is not an int",
                "--solver dopri5 --points 9   | --points is 9, but it belongs to solvers of fixed steps",
                "--rtol 0.1                   | --rtol is 0.1, but it belongs to dopri5",
                "--sampler sde --atol 0.1     | --atol is 0.1, but it belongs to dopri5",
                "--solver dopri5 --rtol 0     | rtol is 0.0, allowed are finite numbers above 0",
                "--solver dopri5 --atol NaN   | atol is NaN, allowed are finite numbers above 0",
                "--diffusion-form linear      | --diffusion-form is linear, but it belongs to sde",
                "--diffusion-norm 2           | --diffusion-norm is 2.0, but it belongs to sde",
                "--last-step mean             | last step is 'mean', which belongs to an SDE; allowed for an ODE are euler, tweedie and none",
                "--last-step-size 0.1         | last step size is 0.1 with last step 'none', allowed is 0",
                "--sampler sde --diffusion-form big        | diffusion form is 'big', allowed are constant, sbdm, sigma, linear, decreasing and increasing-decreasing",
                "--sampler sde --diffusion-norm 0          | diffusion norm is 0.0, allowed are finite numbers above 0",
                "--sampler sde --diffusion-norm Infinity   | diffusion norm is Infinity, allowed are finite numbers above 0",
                "--sampler sde --last-step big             | last step is 'big', allowed are mean, euler, tweedie and none",
                "--sampler sde --last-step-size 1          | last step size is 1.0 with last step 'mean', allowed is more than 0 and less than 1",
                "--sampler sde --last-step-size 0          | last step size is 0.0 with last step 'mean', allowed is more than 0 and less than 1",
                "--sampler sde --last-step none --last-step-size 0.1 | last step size is 0.1 with last step 'none', allowed is 0",
                "--sampler sde --diffusion-form sbdm --last-step-size 0.9999 | the last step has size 0.9999, allowed is less than 0.999",
                "--guidance -1                | guidance scale is -1.0, allowed are 0 to 1000 (1: none)",
                "--guidance NaN               | guidance scale is NaN, allowed are 0 to 1000 (1: none)",
                "--guidance-channels -1       | guidance channels is -1, allowed is 0 (all) or more",
                "--guidance-channels 2        | guidance channels is 2, the network has 1",
                "--guidance-interval 0.5      | --guidance-interval is '0.5', expected are two numbers such as 0.2,0.8",
                "--guidance-interval a,b      | --guidance-interval is 'a,b', expected are two numbers such as 0.2,0.8",
                "--guidance-interval 0.8,0.2  | guidance interval is 0.8,0.2, allowed is 0 ≤ start < end ≤ 1",
                "--mediators 9                | --mediators is '9', the model serves [4, 16, full]",
                "--mediators 5                | mediator count is 5, allowed are perfect squares (4, 16, 64, …) and 'full'",
                "--mediators some             | mediator count is 'some', allowed are perfect squares (4, 16, 64, …) and 'full'",
                "--schedule 16                | the schedule is '16', allowed are static:N, fixed:N@F,…,N, threshold:N,…,N@R,…;DISTANCE and budget:B",
                "--schedule static:9          | the schedule has the mediator count 9, the network serves [4, 16, full]",
                "--schedule fixed:4@0.5,64    | the schedule has the mediator count 64, the network serves [4, 16, full]",
                "--schedule threshold:4,64@1  | the schedule has the mediator count 64, the network serves [4, 16, full]",
                "--schedule threshold:4,16@1;l1 | the schedule 'threshold:4,16@1;l1' has 'l1', allowed are a distance (mae, mse or denoised), window=N and batch",
                "--schedule budget:0.1        | the budget is 0.1, allowed with the counts [4, full, 16] of this network are 0.",
                "--schedule budget:0.9 --solver dopri5 | the sampler is ODE dopri5, rtol 0.001, atol 1.0E-6, error norm per-sample, whose cost is only known afterwards",
                "--schedule threshold:4,16@1;batch --solver dopri5 | the schedule is threshold:4,16@1;mae;batch with the sampler ODE dopri5,",
                "--schedule static:4 --mediators 4 | --mediators is 4 and --schedule is 'static:4', allowed is one of them: --mediators N is --schedule static:N",
                "--dtype fp16                 | --dtype is 'fp16', allowed are fp32 and bf16",
                "--point 3                    | unknown option '--point'; did you mean '--points'?",
            })
    void wrongOptionsAreOneLineAndExitCode2AndLeaveNothing(String options, String message) {
        CliRun run = sample(options);

        assertThat(run.err()).startsWith("mediator: " + message).hasLineCount(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(out).doesNotExist();
    }

    private CliRun sample(String options) {
        String line = "sample --threads 1 --model " + model + " --out " + out
                + (options.contains("--count") || options.contains("--seed") ? " " : " --count 1 ") + options;
        return CliRun.of((Object[]) line.strip().split(" +"));
    }
}
