package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.bench.Row;
import dev.mediator.app.cli.checkpoint.AdaptCommand;
import dev.mediator.app.cli.checkpoint.ConvertCommand;
import dev.mediator.app.cli.compare.RunComparison;
import dev.mediator.app.cli.cost.BenchCommand;
import dev.mediator.app.cli.cost.BenchPlan;
import dev.mediator.app.cli.cost.FlopsAnswer;
import dev.mediator.app.cli.cost.FlopsRun;
import dev.mediator.app.cli.evaluate.EvaluationAnswer;
import dev.mediator.app.cli.evaluate.EvaluationRecord;
import dev.mediator.app.cli.evaluate.MakeReferenceCommand;
import dev.mediator.app.cli.option.GenerationOptions;
import dev.mediator.app.cli.option.SamplerOptions;
import dev.mediator.app.cli.sample.SampleAnswer;
import dev.mediator.app.cli.sample.SampleRecord;
import dev.mediator.app.cli.train.EncodeCommand;
import dev.mediator.app.cli.train.TrainAutoencoderCommand;
import dev.mediator.app.cli.train.TrainCommand;
import dev.mediator.evaluation.extractor.ExtractorKind;
import dev.mediator.model.FlopCount;
import dev.mediator.training.AutoencoderScore;
import dev.mediator.training.AutoencoderTrainConfig;
import dev.mediator.training.AutoencoderTrainer;
import dev.mediator.training.ConfigTree;
import dev.mediator.training.RunDirectory;
import dev.mediator.training.Trainer;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The documentation names what there is, and what it names is there. */
class DocumentationTest {
    private static final Path ROOT = Path.of("..");

    @Test
    void samplingTellsOfEveryOptionAndAnswer() throws IOException {
        String text = Files.readString(ROOT.resolve("docs/sampling.md"));
        CommandSpec info = command("info");

        for (OptionSpec option : command("sample").options()) {
            if (info.findOption(option.longestName()) == null) {
                assertThat(text).contains("`" + option.longestName());
            }
        }
        for (RecordComponent field : SampleAnswer.class.getRecordComponents()) {
            assertThat(text).contains("`" + field.getName() + "`");
        }
        for (RecordComponent field : SampleRecord.class.getRecordComponents()) {
            assertThat(text).containsPattern("`" + field.getName() + "[`.]");
        }
    }

    @Test
    void redundancyTellsOfEveryOptionOfTheAnalyses() throws IOException {
        String text = Files.readString(ROOT.resolve("docs/redundancy.md"));
        CommandSpec sample = command("sample");

        for (CommandLine analysis : command("analyze").subcommands().values()) {
            for (OptionSpec option : analysis.getCommandSpec().options()) {
                if (sample.findOption(option.longestName()) == null) {
                    assertThat(text).contains("`" + option.longestName());
                }
            }
        }
    }

    @Test
    void schedulesTellsOfEveryOptionOfTuneAndAnalyzeSchedules() throws IOException {
        String text = Files.readString(ROOT.resolve("docs/schedules.md"));
        CommandSpec sampler = CommandSpec.forAnnotatedObject(new SamplerOptions());
        CommandSpec info = command("info");
        CommandSpec schedules = Objects.requireNonNull(
                        command("analyze").subcommands().get("schedules"))
                .getCommandSpec();

        for (CommandSpec command : List.of(command("tune"), schedules)) {
            for (OptionSpec option : command.options()) {
                String name = option.longestName();
                if (info.findOption(name) == null && sampler.findOption(name) == null) {
                    assertThat(text).contains("`" + name + "`");
                }
            }
        }
    }

    @Test
    void flopsTellsOfEveryOptionPartAndAnswer() throws IOException {
        String text = Files.readString(ROOT.resolve("docs/flops.md"));
        CommandSpec sampler = CommandSpec.forAnnotatedObject(new SamplerOptions());
        CommandSpec info = command("info");

        for (OptionSpec option : command("flops").options()) {
            String name = option.longestName();
            if (info.findOption(name) == null && sampler.findOption(name) == null) {
                assertThat(text).contains("`" + name);
            }
        }
        for (FlopCount.Part part : FlopCount.Part.values()) {
            assertThat(text).contains("| `" + part.label() + "` |");
        }
        for (Class<?> answer : List.of(FlopsAnswer.class, FlopsAnswer.Row.class, FlopsRun.class)) {
            for (RecordComponent field : answer.getRecordComponents()) {
                if (!field.getName().equals("single")) { // its fields are those of the row
                    assertThat(text).contains("`" + field.getName() + "`");
                }
            }
        }
    }

    @Test
    void benchmarksTellsOfEveryOptionAnswerAndReport() throws IOException {
        Path folder = ROOT.resolve("docs/benchmarks");
        String text = Files.readString(folder.resolve("README.md"));
        CommandSpec sampler = CommandSpec.forAnnotatedObject(new SamplerOptions());
        CommandSpec info = command("info");

        for (OptionSpec option : command("bench").options()) {
            String name = option.longestName();
            if (info.findOption(name) == null && sampler.findOption(name) == null) {
                assertThat(text).contains("`" + name);
            }
        }
        for (Class<?> answer : List.of(
                BenchCommand.Answer.class, BenchPlan.Network.class, BenchPlan.OneAutoencoder.class, Row.class)) {
            for (RecordComponent field : answer.getRecordComponents()) {
                if (!field.getName().equals("about")) { // its fields stand in the answer itself
                    assertThat(text).contains("`" + field.getName() + "`");
                }
            }
        }
        try (Stream<Path> reports = Files.list(folder)) {
            reports.map(report -> report.getFileName().toString())
                    .filter(name -> name.endsWith(".md") && !name.equals("README.md"))
                    .forEach(name -> assertThat(text).contains("](" + name + ")"));
        }
    }

    @Test
    void checkpointsTellsOfEveryOptionAndAnswer() throws IOException {
        String text = Files.readString(ROOT.resolve("docs/checkpoints.md"));

        for (String name : List.of("info", "convert", "adapt")) {
            for (OptionSpec option : command(name).options()) {
                if (command("selftest").findOption(option.longestName()) == null) {
                    assertThat(text).contains("`" + option.longestName());
                }
            }
        }
        for (Class<?> answer : List.of(ConvertCommand.Answer.class, AdaptCommand.Answer.class)) {
            for (RecordComponent field : answer.getRecordComponents()) {
                assertThat(text).contains("`" + field.getName() + "`");
            }
        }
    }

    @Test
    void evaluationTellsOfEveryOptionAndAnswer() throws IOException {
        String text = Files.readString(ROOT.resolve("docs/evaluation.md"));
        CommandSpec sampling = CommandSpec.forAnnotatedObject(new GenerationOptions());
        CommandSpec info = command("info");

        for (String name : List.of("evaluate", "make-reference", "compare", "convert-extractor")) {
            for (OptionSpec option : command(name).options()) {
                String longest = option.longestName();
                if (info.findOption(longest) == null && sampling.findOption(longest) == null) {
                    assertThat(text).contains("`" + longest);
                }
            }
        }
        for (Class<?> answer : List.of(
                EvaluationAnswer.class,
                EvaluationAnswer.Nearest.class,
                EvaluationRecord.class,
                MakeReferenceCommand.Answer.class,
                RunComparison.Answer.class,
                RunComparison.Row.class)) {
            for (RecordComponent field : answer.getRecordComponents()) {
                assertThat(text).contains("`" + field.getName() + "`");
            }
        }
        for (ExtractorKind kind : ExtractorKind.values()) {
            assertThat(text).contains("| `" + kind.label() + "` |");
        }
    }

    @Test
    void trainingTellsOfEveryFieldAndItsDefault() throws IOException {
        String text = Files.readString(ROOT.resolve("docs/training.md"));
        JsonNode defaults = new JsonMapper()
                .readTree(ConfigTree.toJson(ConfigTree.defaults().toConfig()));

        defaults.forEachEntry((group, value) -> {
            if (!value.isObject()) {
                assertRow(text, group, value);
            } else if (!group.equals("optimizer")) {
                value.forEachEntry((field, fieldValue) -> assertRow(text, field, fieldValue));
            }
        });
        CommandSpec info = command("info");
        for (OptionSpec option : command("train").options()) {
            if (!option.hidden() && info.findOption(option.longestName()) == null) {
                assertThat(text).contains(option.longestName());
            }
        }
        for (RecordComponent field : TrainCommand.Answer.class.getRecordComponents()) {
            assertThat(text).contains("`" + field.getName() + "`");
        }
        assertThat(text).contains(String.join(", ", Trainer.MAY_CHANGE));
        assertThat(text)
                .contains(new RunDirectory(Path.of("x")).model().getFileName().toString());
    }

    @Test
    void autoencoderTellsOfEveryOptionFieldAndAnswer() throws IOException {
        String text = Files.readString(ROOT.resolve("docs/autoencoder.md"));
        CommandSpec info = command("info");

        for (String name : List.of("train-autoencoder", "encode")) {
            for (OptionSpec option : command(name).options()) {
                if (info.findOption(option.longestName()) == null) {
                    assertThat(text).contains("`" + option.longestName());
                }
            }
        }
        JsonNode defaults = new JsonMapper().readTree(ConfigTree.toJson(AutoencoderTrainConfig.defaults()));
        defaults.forEachEntry((field, value) -> {
            if (!value.isObject()) {
                assertRow(text, field, value);
            }
        });
        defaults.path("network").forEachEntry((field, value) -> assertRow(text, field, value));
        for (Class<?> answer :
                List.of(EncodeCommand.Answer.class, TrainAutoencoderCommand.Answer.class, AutoencoderScore.class)) {
            for (RecordComponent field : answer.getRecordComponents()) {
                assertThat(text).contains("`" + field.getName() + "`");
            }
        }
        assertThat(text).contains(String.join(", ", AutoencoderTrainer.MAY_CHANGE));
    }

    @Test
    void filesThatAreNamedExist() throws IOException {
        for (String page : new String[] {
            "README.md",
            "docs/README.md",
            "docs/benchmarks/README.md",
            "docs/sampling.md",
            "docs/training.md",
            "docs/autoencoder.md",
            "docs/redundancy.md",
            "docs/flops.md",
            "docs/schedules.md",
            "docs/evaluation.md",
            "docs/experiment.md",
            "docs/checkpoints.md",
            "experiments/fashion/README.md"
        }) {
            Path file = ROOT.resolve(page);
            String text = Files.readString(file);
            for (String target : matches(text, "\\]\\(([^)#:]+)\\)")) {
                assertThat(file.resolveSibling(target)).as(page).exists();
            }
            for (String config : matches(text, "(configs/[a-z0-9-]+\\.json)")) {
                assertThat(ROOT.resolve(config)).as(page).exists();
            }
        }
        for (String help : new String[] {
            CliRun.of("train", "--help").out(), CliRun.of("sample", "--help").out()
        }) {
            for (String config : matches(help, "(configs/[a-z0-9-]+\\.json)")) {
                assertThat(ROOT.resolve(config)).exists();
            }
        }
    }

    private static CommandSpec command(String name) {
        return Objects.requireNonNull(
                        new CommandLine(new RootCommand()).getSubcommands().get(name))
                .getCommandSpec();
    }

    /** Lists of several entries are described in words. */
    private static void assertRow(String text, String field, JsonNode value) {
        String shown = value.isArray() && value.size() > 1 ? "" : value.asString(value.toString());

        assertThat(text.split("\n")).as(field + " has a row with " + shown).anySatisfy(line -> assertThat(
                        line.split("\\|"))
                .hasSizeGreaterThan(3)
                .satisfies(cells -> assertThat(cells[1]).contains("`" + field + "`"))
                .satisfies(cells -> assertThat(cells[2].replace("`", "")).contains(shown)));
    }

    private static Iterable<String> matches(String text, String pattern) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }
}
