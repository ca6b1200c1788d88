package dev.mediator.app.cli.option;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.SampledPictures;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.app.cli.TinyTraining;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Networks that were not trained for guidance are not guided unless one says so, and then one is told. */
class GuidanceDefaultTest {
    private static final String NOTE =
            "guidance is 1 (none) by default here: the network was trained with labelDropout 0";
    private static final String WARNING = "guidance is 3.0, but the network was trained with labelDropout 0";

    @TempDir
    private Path folder;

    private Path out;

    @BeforeEach
    void nameFolder() {
        out = folder.resolve("out");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sample --model MODEL --count 1 --points 3 --out OUT",
                "compare MODEL --schedule static:4 --schedule static:16 --count 2 --points 3 --out OUT",
                "analyze redundancy --model MODEL --samples 1 --points 3 --out OUT",
                "analyze attention --model MODEL --points 3 --out OUT",
                "analyze schedules --model MODEL --count 1 --points 3 --out OUT",
                "tune --model MODEL --points 9 --budgets 0.95 --calibration 1 --held-out 1 --schedules 1 --out OUT",
                "bench --model MODEL --batch 1 --measure image --points 3 --runs 1 --warm-up 0",
            })
    void everyCommandThatSamplesSaysIt(String command) throws IOException {
        Path kept = TinyCheckpoint.trained(folder.resolve("kept.safetensors"), 0);
        Path usual = TinyCheckpoint.trained(folder.resolve("usual.safetensors"), 0.1);

        assertThat(err(command, kept)).containsOnlyOnce(NOTE).doesNotContain(WARNING);
        assertThat(err(command + " --guidance 1", kept)).doesNotContain("guidance is");
        assertThat(err(command + " --guidance 3", kept))
                .containsOnlyOnce(WARNING)
                .doesNotContain(NOTE);
        assertThat(err(command, usual)).doesNotContain("guidance is");
        assertThat(err(command + " --guidance 3", usual)).doesNotContain("guidance is");
    }

    @Test
    void evaluateSaysItToo() throws IOException {
        Path kept = TinyCheckpoint.trained(folder.resolve("kept.safetensors"), 0);
        Path reference = folder.resolve("reference.safetensors");
        ok("make-reference", SampledPictures.TRAIN, "--out", reference, "--weights", SampledPictures.CLASSIFIER);
        String command = "evaluate --model MODEL --count 12 --points 3 --out OUT --reference " + reference
                + " --weights " + SampledPictures.CLASSIFIER;

        assertThat(err(command, kept)).containsOnlyOnce(NOTE);
        assertThat(err(command + " --guidance 3", kept)).containsOnlyOnce(WARNING);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0.1, 2.5", "1, 0"})
    void theRecordHasTheGuidanceThatWasUsed(double labelDropout, double scale) throws IOException {
        Path model = TinyCheckpoint.trained(folder.resolve("model.safetensors"), labelDropout);

        ok("sample", "--model", model, "--count", 1, "--points", 3, "--out", out);

        JsonNode record = new JsonMapper().readTree(Files.readString(out.resolve("record.json")));
        assertThat(record.path("settings").path("guidance").path("scale").doubleValue())
                .isEqualTo(scale);
    }

    @Test
    void theCostOfARunIsThatOfItsDefault() throws IOException {
        Path kept = TinyCheckpoint.trained(folder.resolve("kept.safetensors"), 0);
        Path usual = TinyCheckpoint.trained(folder.resolve("usual.safetensors"), 0.1);
        Object[] command = {"flops", "--json", "--schedule", "static:4", "--points", 9, "--guidance-interval", "0,1"};

        assertThat(passes(usual, command)).isEqualTo(2 * passes(kept, command));
    }

    /** Nothing to contrast the only class with: with and without it, the training showed the same pictures. */
    @Test
    void aNetworkOfOneClassIsNotGuided() throws IOException {
        SitConfig one = TinyCheckpoint.config(1, 1);
        Path model = TinyCheckpoint.write(folder.resolve("one.safetensors"), one, List.of("Only"), tensors -> {});
        String command = "sample --model MODEL --count 1 --points 3 --out OUT";

        assertThat(err(command, model)).contains("guidance is 1 (none) by default here: the network has one class");
        assertThat(err(command + " --guidance 3", model)).contains("guidance is 3.0, but the network has one class");
    }

    /** As SiT's training saves them without label dropout: convert says what the file does not. */
    @Test
    void aForeignNetworkWithoutNullLabelIsSampledUnguided() throws IOException {
        SitConfig three = new SitConfig(8, 2, 1, 16, 1, 2, 4, 3, false, List.of(new MediatorCount(4)), null, true);
        Path foreign = folder.resolve("foreign.safetensors");
        try (Scope scope = Scope.open();
                Sit sit = Sit.fresh(three, 1)) {
            SafeTensorsWriter.write(foreign, sit.parameters(), Map.of());
        }
        Path converted = folder.resolve("converted.safetensors");

        JsonNode answer = ok("convert", "--json", foreign, converted, "--classes", 3);

        assertThat(answer.path("config").path("numClasses").intValue()).isEqualTo(3);
        assertThat(answer.path("config").path("lacksNullLabel").booleanValue()).isTrue();
        String command = "sample --model MODEL --count 1 --points 3 --out OUT";
        assertThat(err(command, converted)).contains("by default here: the network has no label for 'no class'");
        CliRun guided = CliRun.of(words(command + " --guidance 3", converted, 9));
        assertThat(guided.exitCode()).isEqualTo(2);
        assertThat(guided.err())
                .isEqualTo(
                        "mediator: guidance scale is 3.0, allowed is 1 (none): the network has no label for 'no class',"
                                + " which guidance compares with\n");
        assertThat(CliRun.of("bench", "--model", converted, "--batch", 1, "--measure", "guided", "--runs", 1)
                        .err())
                .contains("allowed is 1 (none): the network has no label for 'no class'");
        JsonNode adapted = ok("adapt", "--json", converted, folder.resolve("five.safetensors"), "--classes", 5);
        assertThat(adapted.path("to").path("lacksNullLabel").booleanValue()).isTrue();
        assertThat(adapted.path("changes").get(0).stringValue()).contains("2 more begin as the mean of the classes");
    }

    @Test
    void adaptedAndConvertedNetworksKeepWhatIsKnown() throws IOException {
        Path kept = TinyCheckpoint.trained(folder.resolve("kept.safetensors"), 0);
        Path converted = folder.resolve("converted.pt");
        Path adapted = folder.resolve("adapted.safetensors");
        ok("convert", kept, converted, "--mediators", 16);
        ok("adapt", converted, adapted, "--forget-classes");

        assertThat(err("sample --model MODEL --count 1 --points 3 --out OUT", converted))
                .contains(NOTE);
        assertThat(err("sample --model MODEL --count 1 --points 3 --out OUT", adapted))
                .contains(NOTE);
    }

    /** From the training of a folder of one's own to its pictures. */
    @Test
    void trainingSaysItFirst() throws IOException {
        Path config = TinyTraining.writeConfig(folder.resolve("tiny.json"));
        Path run = folder.resolve("run");
        CliRun trained = CliRun.of("train", config, "--run", run, "--set", "labelDropout=0", "--set", "steps=5");
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        assertThat(trained.err())
                .containsOnlyOnce("labelDropout is 0: the network will not learn to answer without a class");

        String command = "sample --model MODEL --count 1 --points 3 --out OUT";
        assertThat(err(command, run.resolve("model.safetensors"))).contains(NOTE);
        assertThat(err(command, run.resolve("checkpoints/step-00000005.safetensors")))
                .contains(NOTE);
    }

    private int number;

    private String err(String command, Path model) {
        CliRun run = CliRun.of(words(command, model, number++));
        assertThat(run.exitCode()).as(command + ": " + run.err()).isZero();
        return run.err();
    }

    private Object[] words(String command, Path model, int run) {
        return Arrays.stream(command.split(" "))
                .map(word -> word.equals("MODEL") ? model : word.equals("OUT") ? out.resolve("run-" + run) : word)
                .toArray();
    }

    private static JsonNode ok(Object... args) {
        List<Object> words = new ArrayList<>(Arrays.asList(args));
        if (!words.contains("--json")) {
            words.add("--json");
        }
        CliRun run = CliRun.of(words.toArray());
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.json();
    }

    private static int passes(Path model, Object... args) {
        List<Object> words = new ArrayList<>(Arrays.asList(args));
        words.add("--model");
        words.add(model);
        return ok(words.toArray()).path("run").path("passes").intValue();
    }
}
