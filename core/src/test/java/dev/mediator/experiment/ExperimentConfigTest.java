package dev.mediator.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.data.Split;
import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.stepwise.Schedule;
import dev.mediator.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an experiment's file says, and what is refused. */
class ExperimentConfigTest {
    @TempDir
    private Path folder;

    @Test
    void runsAreOverlaysOfStagesOfTheCommonTraining() throws IOException {
        ExperimentConfig config = ExperimentConfig.read(TinyExperiment.write(folder.resolve("tiny.json")));

        assertThat(config.title()).isEqualTo("Tiny");
        ExperimentConfig.Run elastic = config.runs().get(1);
        assertThat(elastic.name()).isEqualTo("elastic");
        assertThat(elastic.mediators()).containsExactly(new MediatorCount(4), MediatorCount.FULL);
        assertThat(elastic.schedules())
                .containsExactly(
                        Schedule.parse("static:4"), Schedule.parse("fixed:full@0.5,4"), Schedule.parse("static:full"));
        assertThat(elastic.stages()).hasSize(2).allSatisfy(stage -> {
            assertThat(stage.batchSize()).isEqualTo(8);
            assertThat(stage.model().width()).isEqualTo(16);
            assertThat(stage.seed()).isZero();
        });
        assertThat(elastic.stages().get(0).data().imageSize()).isEqualTo(4);
        assertThat(elastic.stages().get(1).steps()).isEqualTo(3);
        assertThat(config.data().imageSize()).isEqualTo(8);
    }

    @Test
    void scoringHasDefaults() throws IOException {
        Scoring scoring = ExperimentConfig.read(TinyExperiment.write(folder.resolve("tiny.json")))
                .scoring();

        assertThat(scoring.sampler()).isEqualTo(OdeConfig.of(OdeSolver.MIDPOINT, 3));
        assertThat(scoring.seeds()).containsExactly(0, 7);
        assertThat(scoring.dtype()).isEqualTo(DType.F32);
        assertThat(scoring.guidance()).isEqualTo(Guidance.NONE);
        assertThat(scoring.reference()).isEqualTo(Split.TRAIN);
        assertThat(scoring.weights()).isNull();
    }

    @Test
    void aSolverThatIsNamedBringsItsOwnLastStep() throws IOException {
        assertThat(sampler("{\"solver\": \"heun\", \"points\": 7}")).isEqualTo(OdeConfig.of(OdeSolver.HEUN, 7));
        assertThat(sampler("{\"solver\": \"heun\", \"points\": 7, \"lastStep\": \"none\"}"))
                .isEqualTo(OdeConfig.of(OdeSolver.HEUN, 7).withLastStep(LastStep.NONE));
        assertThat(sampler("{\"points\": 7, \"lastStep\": \"euler\"}"))
                .isEqualTo(OdeConfig.of(OdeSolver.MIDPOINT, 7).withLastStep(LastStep.EULER));
    }

    private SamplerConfig sampler(String json) throws IOException {
        Path file = TinyExperiment.write(folder.resolve("tiny.json"), "{\"points\": 3}", json);
        return ExperimentConfig.read(file).scoring().sampler();
    }

    @Test
    void aRunMayHaveStagesOfItsOwn() throws IOException {
        Path file = TinyExperiment.write(
                folder.resolve("tiny.json"),
                "\"name\": \"n=4\",",
                "\"name\": \"n=4\", \"stages\": [{\"steps\": 9, \"data\": {\"imageSize\": 8}}],");

        ExperimentConfig config = ExperimentConfig.read(file);

        assertThat(config.runs().get(0).stages()).singleElement().satisfies(stage -> {
            assertThat(stage.steps()).isEqualTo(9);
            assertThat(stage.batchSize()).isEqualTo(8);
        });
        assertThat(config.runs().get(1).stages()).hasSize(2);
    }

    @Test
    void oneStageIsEnoughAndOtherEquationsCanBeNamed() throws IOException {
        Path file = TinyExperiment.write(
                folder.resolve("tiny.json"),
                "\"stages\": [{\"steps\": 4, \"data\": {\"imageSize\": 4}}, {\"steps\": 3, \"data\": {\"imageSize\": 8}}],",
                "",
                "{\"points\": 3}",
                "{\"equation\": \"sde\", \"solver\": \"euler\", \"form\": \"sigma\", \"norm\": 1, \"lastStep\": \"mean\","
                        + " \"lastStepSize\": 0.04, \"points\": 9}, \"guidance\": {\"scale\": 1.5}",
                "\"scoring\": {",
                "\"scoring\": {\"extractor\": \"fashion\", \"reference\": \"test\", ");

        ExperimentConfig config = ExperimentConfig.read(file);

        assertThat(config.runs().get(0).stages()).hasSize(1);
        assertThat(config.scoring().sampler()).isInstanceOfSatisfying(SdeConfig.class, sde -> assertThat(sde.points())
                .isEqualTo(9));
        assertThat(config.scoring().guidance()).isEqualTo(new Guidance(1.5, 0, 0, 1));
        assertThat(config.scoring().reference()).isEqualTo(Split.TEST);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "\"title\": \"Tiny\",       |                        | 'title' is missing",
                "\"title\"                  | \"headline\": 1, \"title\" | unknown field 'headline'",
                "\"name\": \"n=4\"          | \"name\": \"../n\"     | a run is called '../n'",
                "\"name\": \"n=4\"          | \"name\": \"elastic\"  | several runs have the same name",
                "\"batchSize\": 8           | \"batchSize\": 0       | the training of the run n=4: batchSize is 0",
                "\"batchSize\": 8           | \"batches\": 8         | the training of the run n=4: unknown field 'batches'",
                "\"samples\": 12            | \"samples\": 9         | scoring.samples is 9, allowed is 10 to 1000000",
                "\"samples\": 12            | \"samples\": 12.5      | field 'scoring.samples'",
                "\"samples\": 12            | \"samples\": null      | field 'scoring.samples': null is not allowed",
                "\"samples\": 12            | \"count\": 12          | unknown field 'scoring.count'",
                "[0, 7]                     | [0, 0]                 | scoring.seeds is [0, 0], allowed is one or more",
                "[0, 7]                     | [-1]                   | scoring.seeds is [-1]",
                "{\"points\": 3}            | {\"solver\": \"dopri5\"} | allowed is a solver of planned steps",
                "{\"points\": 3}            | {\"solver\": \"euclid\"} | euclid",
                "\"batch\": 5               | \"extractor\": \"eye\" | the extractor is 'eye', allowed are fashion,",
                "[\"static:4\"]             | [\"static:16\"]        | the run n=4: the schedule has the mediator count 16",
                "[\"static:4\"]             | [\"static:x\"]         | 'x'",
                "[\"static:4\"]             | []                     | has 2 stages and 0 schedules",
                "fixed:full@0.5,4           | static:4               | allowed are different ones",
                "\"batch\": 5               | \"guidance\": {\"channels\": 3} | scoring.guidance.channels is 3",
                "{\"steps\": 3,             | {\"steps\": 3, \"initFrom\": \"x\", | initFrom in a later stage",
                "{\"model\": {\"mediators\": [4]}} | {\"model\": {\"mediators\": [4]}, \"data\": {\"imageSize\": 16}}"
                        + " | end with different data",
            })
    void whatCannotBeRunIsRefusedBeforeAnythingIsTrained(String part, @Nullable String wrong, String reason)
            throws IOException {
        Path file = TinyExperiment.write(folder.resolve("tiny.json"), part, wrong == null ? "" : wrong);

        assertThatThrownBy(() -> ExperimentConfig.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason)
                .hasMessageNotContaining("\n");
    }

    @Test
    void filesThatAreNoneAreNamed() throws IOException {
        Path missing = folder.resolve("none.json");
        Path broken = Files.writeString(folder.resolve("broken.json"), "{");
        Path list = Files.writeString(folder.resolve("list.json"), "[]");

        assertThatThrownBy(() -> ExperimentConfig.read(missing))
                .isInstanceOf(IOException.class)
                .hasMessage(missing + " does not exist or is not a file");
        assertThatThrownBy(() -> ExperimentConfig.read(broken))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(broken + " is not JSON: ");
        assertThatThrownBy(() -> ExperimentConfig.read(list))
                .isInstanceOf(IOException.class)
                .hasMessage(list + " is not a JSON object");
    }
}
