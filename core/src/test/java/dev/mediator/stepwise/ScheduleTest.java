package dev.mediator.stepwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Schedules as text, as JSON and in files. */
class ScheduleTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "static:16",
                "static:full",
                "fixed:64",
                "fixed:4@0.4,16@0.8,64",
                "fixed:full@0.25,4@0.5,full",
                "threshold:4,16@0.8;mae",
                "threshold:4,16,64@0.8,0.6;mse",
                "threshold:4,16,64,full@0.7,0.7,1.5;denoised;window=10",
                "threshold:4,full@0;mae;batch",
                "threshold:4,full@0.05;mae;window=1;batch",
                "budget:0.7",
                "budget:1"
            })
    void textAndJsonGiveThemBack(String text) {
        Schedule schedule = Schedule.parse(text);

        assertThat(schedule).hasToString(text);
        assertThat(Schedule.parse(schedule.toString())).isEqualTo(schedule);
        String json = JSON.writeValueAsString(schedule);
        assertThat(json).startsWith("{\"rule\":\"" + text.substring(0, text.indexOf(':')) + "\"");
        assertThat(JSON.readValue(json, Schedule.class)).isEqualTo(schedule);
    }

    /** What is read again may have any thresholds, what a person asks for must mean something. */
    @Test
    void aStageThatNeverServesIsRefusedWhereAScheduleIsAskedFor() throws IOException {
        assertThat(Schedule.parse("threshold:4,16,64@0.6,0.8")).hasToString("threshold:4,16,64@0.6,0.8;mae");
        for (String text : List.of("threshold:4,16,64@0.6,0.8", "threshold:4,16,64@0.6,0.6")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Schedule.parseOrRead(text))
                    .withMessageContaining(": the stage with 16 would never serve");
        }
        assertThat(Schedule.parseOrRead("threshold:4,16,64@0.8,0.6")).isInstanceOf(ThresholdSchedule.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                " static: 16 | static:16",
                "fixed:4 @ 0.40, 64 | fixed:4@0.4,64",
                "threshold:4,16@0.80 | threshold:4,16@0.8;mae",
                "threshold:4,16@0.8;batch;window=5;denoised | threshold:4,16@0.8;denoised;window=5;batch",
                "threshold:4,16@0.8;mae;window=3 | threshold:4,16@0.8;mae",
                "threshold:4,FULL@1 | threshold:4,full@1;mae",
                "budget:0.70 | budget:0.7",
                "FIXED: 4@0.4 , 64 | fixed:4@0.4,64",
                " Static :FULL | static:full",
                "THRESHOLD:4,16@0.8; Window=5 ;BATCH;Denoised | threshold:4,16@0.8;denoised;window=5;batch",
                "Budget:0.7 | budget:0.7"
            })
    void otherSpellingsMeanTheSame(String spelling, String text) {
        assertThat(Schedule.parse(spelling)).hasToString(text);
    }

    @Test
    void everyPartOfTheTextArrives() {
        assertThat(Schedule.parse("threshold:4,16,full@0.8,0.6;mse;window=7;batch"))
                .isEqualTo(new ThresholdSchedule(
                        List.of(new MediatorCount(4), new MediatorCount(16), MediatorCount.FULL),
                        List.of(0.8, 0.6),
                        StepDistance.MSE,
                        7,
                        true));
        assertThat(Schedule.parse("fixed:4@0.4,16@0.8,64"))
                .isEqualTo(new FixedSchedule(
                        List.of(new MediatorCount(4), new MediatorCount(16), new MediatorCount(64)),
                        List.of(0.4, 0.8)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                            | the schedule is '', allowed are static:N, fixed:N@F,…,N,",
                "16                            | the schedule is '16', allowed are static:N",
                "dynamic:16                    | the schedule is 'dynamic:16', allowed are static:N",
                "static:                       | mediator count is '', allowed are perfect squares",
                "static:5                      | mediator count is 5, allowed are perfect squares",
                "static:4,16                   | mediator count is '4,16', allowed are perfect squares",
                "fixed:                        | mediator count is '', allowed are perfect squares",
                "fixed:4,64                    | the schedule 'fixed:4,64' has the stage '4', expected is a count and where it ends, such as 4@0.4",
                "fixed:4@0.4                   | the schedule 'fixed:4@0.4' has the stage '4@0.4', expected is a count alone for the last stage, such as 64",
                "fixed:4@0.4@0.5,64            | the schedule 'fixed:4@0.4@0.5,64' has the stage '4@0.4@0.5', expected is a count and",
                "fixed:4@x,64                  | the schedule 'fixed:4@x,64' has 'x' for the end of a stage, expected is a number",
                "fixed:4@0.8,16@0.4,64         | the ends of a fixed schedule's stages are [0.8, 0.4], allowed are rising fractions between 0 and 1",
                "fixed:4@0,64                  | the ends of a fixed schedule's stages are [0.0], allowed are rising",
                "fixed:4@1,64                  | the ends of a fixed schedule's stages are [1.0], allowed are rising",
                "fixed:4@NaN,64                | the ends of a fixed schedule's stages are [NaN], allowed are rising",
                "fixed:5@0.5,64                | mediator count is 5, allowed are",
                "threshold:4,16                | the schedule 'threshold:4,16' has '4,16', expected are counts @ thresholds, such as 4,16,64@0.8,0.6",
                "threshold:4@;mae              | the schedule 'threshold:4@;mae' has '' for a threshold, expected is a number",
                "threshold:4@0.5               | a threshold schedule has the counts [4] and the thresholds [0.5], allowed are two or more counts and a threshold for each but the last",
                "threshold:4,16,64@0.5         | a threshold schedule has the counts [4, 16, 64] and the thresholds [0.5], allowed are",
                "threshold:4,16@0.5,0.6        | a threshold schedule has the counts [4, 16] and the thresholds [0.5, 0.6], allowed are",
                "threshold:16,4@0.5            | the counts of a threshold schedule are [16, 4], allowed are rising counts, 'full' being the largest",
                "threshold:full,4@0.5          | the counts of a threshold schedule are [full, 4], allowed are rising",
                "threshold:4,4@0.5             | the counts of a threshold schedule are [4, 4], allowed are rising",
                "threshold:4,6@0.5             | mediator count is 6, allowed are",
                "threshold:4,16@-1             | a threshold is -1.0, allowed are finite numbers of 0 or more",
                "threshold:4,16@NaN            | a threshold is NaN, allowed are finite numbers",
                "threshold:4,16@Infinity       | a threshold is Infinity, allowed are finite numbers",
                "threshold:4,16@0.5;l1         | the schedule 'threshold:4,16@0.5;l1' has 'l1', allowed are a distance (mae, mse or denoised), window=N and batch",
                "threshold:4,16@0.5;           | the schedule 'threshold:4,16@0.5;' has '', allowed are a distance",
                "threshold:4,16@0.5;mae;mse    | the schedule 'threshold:4,16@0.5;mae;mse' has a distance twice",
                "threshold:4,16@0.5;batch;batch | the schedule 'threshold:4,16@0.5;batch;batch' has 'batch' twice",
                "threshold:4,16@0.5;window=2;window=3 | the schedule 'threshold:4,16@0.5;window=2;window=3' has a window twice",
                "threshold:4,16@0.5;window=0   | the window is 0, allowed are 1 to 1000000",
                "threshold:4,16@0.5;window=2.5 | the schedule 'threshold:4,16@0.5;window=2.5' has '2.5' for the window, expected is a whole number",
                "budget:                       | the schedule 'budget:' has '' for the budget, expected is a number",
                "budget:half                   | the schedule 'budget:half' has 'half' for the budget, expected is a number",
                "budget:0                      | the budget is 0.0, allowed are shares of the costliest run, above 0 and up to 1",
                "budget:1.1                    | the budget is 1.1, allowed are shares",
                "budget:NaN                    | the budget is NaN, allowed are shares"
            })
    void badTextIsOneLineThatSaysWhatIsAllowed(String text, String message) {
        assertThatThrownBy(() -> Schedule.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message)
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{`rule`:`static`,`mediators`:16} | static:16",
                "{`rule`:`fixed`,`counts`:[4,`full`],`until`:[0.5]} | fixed:4@0.5,full",
                "{`rule`:`threshold`,`counts`:[4,16],`thresholds`:[0.5],`distance`:`mae`} | threshold:4,16@0.5;mae",
                "{`rule`:`threshold`,`counts`:[4,16],`thresholds`:[1],`distance`:`MSE`,`window`:2,`batchWide`:true} | threshold:4,16@1;mse;window=2;batch",
                "{`rule`:`budget`,`share`:0.7} | budget:0.7",
                "{`gflops`:12.5,`schedule`:{`rule`:`static`,`mediators`:`full`}} | static:full",
                "{`schedule`:`fixed:4@0.5,16`} | fixed:4@0.5,16",
                "`budget:0.9` | budget:0.9"
            })
    void filesHoldOneByItselfOrInAFieldOfThatName(String json, String text) throws IOException {
        Path file = Files.writeString(folder.resolve("s.json"), json.replace('`', '"'));

        assertThat(ScheduleFile.read(file).schedule()).hasToString(text);
        assertThat(Schedule.parseOrRead(" " + file + " ")).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not JSON | ",
                "[1, 2] | it is neither an object with a 'rule' nor one with a 'schedule'",
                "{`schedule`:7} | it is neither an object with a 'rule' nor one with a 'schedule'",
                "{`rule`:`random`} | random",
                "{`counts`:[4]} | rule",
                "{`rule`:`static`} | the schedule lacks 'mediators'",
                "{`rule`:`static`,`mediators`:5} | mediator count is 5, allowed are",
                "{`rule`:`static`,`mediators`:4,`steps`:3} | steps",
                "{`rule`:`fixed`,`counts`:[4,16]} | the schedule lacks 'until'",
                "{`rule`:`fixed`,`counts`:[4,null],`until`:[0.5]} | the schedule's 'counts' has an entry without value",
                "{`rule`:`fixed`,`counts`:[4,16],`until`:[2]} | the ends of a fixed schedule's stages are [2.0]",
                "{`rule`:`threshold`,`counts`:[4,16],`thresholds`:[0.5]} | the schedule lacks 'distance'",
                "{`rule`:`threshold`,`counts`:[4,16],`thresholds`:[0.5],`distance`:`l2`} | the distance is 'l2', allowed are mae, mse and denoised",
                "{`rule`:`budget`,`share`:2} | the budget is 2.0, allowed are",
                "{`schedule`:`fixed:4`,`x`:1} {} | ",
                "{`schedule`:`budget:2`} | the budget is 2.0, allowed are"
            })
    void badFilesAreNamedWithTheReason(String json, String reason) throws IOException {
        Path file = Files.writeString(folder.resolve("s.json"), json.replace('`', '"'));

        assertThatThrownBy(() -> ScheduleFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + " holds no schedule: ")
                .hasMessageContaining(reason == null ? "" : reason);
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(
                        () -> Schedule.parseOrRead(folder.resolve("none.json").toString()))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("none.json");
    }

    @Test
    void aFileMayNameTheWayOfSamplingItIsFor() throws IOException {
        Path file = folder.resolve("s.json");
        ScheduleFile written = new ScheduleFile(Schedule.parse("fixed:4@0.5,16"), 8, List.of(0.2, 1.0));
        Files.writeString(file, new JsonMapper().writeValueAsString(written));
        ScheduleFile read = ScheduleFile.read(file);
        Guidance guided = new Guidance(2, 0, 0.2, 1);

        assertThat(read).isEqualTo(written);
        read.requireFits(OdeConfig.of(OdeSolver.EULER, 8), guided);
        assertThatThrownBy(() -> read.requireFits(OdeConfig.of(OdeSolver.EULER, 9), guided))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the schedule fixed:4@0.5,16 was tuned for 8 points, the sampler has 9; add --points 8");
        assertThatThrownBy(() -> Schedule.parseOrRead(file.toString(), SdeConfig.of(SdeSolver.EULER, 8), Guidance.NONE))
                .hasMessage("the schedule fixed:4@0.5,16 was tuned for guidance in the interval 0.2,1.0, guided is"
                        + " 0.0,1.0; add --guidance-interval 0.2,1.0");
        Files.writeString(file, "{\"schedule\": \"static:4\", \"guidanceInterval\": [0.5]}");
        assertThatThrownBy(() -> ScheduleFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected are two numbers");
        Files.writeString(file, "{\"schedule\": \"static:4\", \"points\": null}");
        ScheduleFile.read(file).requireFits(OdeConfig.DEFAULT, guided);
    }

    @Test
    void stagesOfWholeSteps() {
        List<MediatorCount> counts = List.of(new MediatorCount(4), new MediatorCount(16), MediatorCount.FULL);

        assertThat(FixedSchedule.ofSteps(counts, List.of(2, 5), 7)).hasToString("fixed:4@0.3,16@0.7,full");
        assertThat(FixedSchedule.ofSteps(counts, List.of(0, 7), 7)).hasToString("fixed:16");
        assertThat(FixedSchedule.ofSteps(counts, List.of(3, 3), 249)).hasToString("fixed:4@0.012,full");
    }
}
