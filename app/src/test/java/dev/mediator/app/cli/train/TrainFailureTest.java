package dev.mediator.app.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.app.cli.TinyTraining;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code train} says when it cannot do its work. */
class TrainFailureTest {
    @TempDir
    private Path folder;

    private Path config;
    private Path run;

    @BeforeEach
    void writeConfig() throws IOException {
        config = TinyTraining.writeConfig(folder.resolve("tiny.json"));
        run = folder.resolve("run");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "stepz=5                          | unknown field 'stepz', known there are seed, steps, batchSize,",
                "data.size=5                      | unknown field 'data.size', known there are type, path,",
                "moddel.width=5                   | --set moddel.width=5: there is no group 'moddel'",
                "steps                            | --set is 'steps', expected is key=value",
                "=5                               | --set is '=5', expected is key=value",
                "steps=0                          | steps is 0, allowed is at least 1",
                "steps=many                       | field 'steps': ",
                "steps=null                       | field 'steps': ",
                "batchSize=0                      | batchSize is 0, allowed is 1 to 65536",
                "accumulate=3                     | accumulate is 3, allowed is a divisor of batchSize 8",
                "dtype=F64                        | dtype is F64, allowed is F32 or BF16",
                "warmupSteps=-1                   | warmupSteps is -1, allowed is 0 or more",
                "decay=linear                     | decay is 'linear', allowed are constant, cosine",
                "clipNorm=0                       | clipNorm is 0.0, allowed is above 0, or null",
                "emaDecay=1                       | emaDecay is 1.0, allowed is 0 to below 1",
                "labelDropout=2                   | labelDropout is 2.0, allowed is 0 to 1",
                "mediatorWeights=[1]              | mediatorWeights is [1.0], allowed is one number for each of model.mediators [4, full], or none",
                "mediatorWeights=[0,0]            | mediatorWeights is [0.0, 0.0], allowed is 0 or more, at least one above 0",
                "logEvery=0                       | logEvery is 0, allowed is at least 1",
                "checkpointEvery=0                | checkpointEvery is 0, allowed is at least 1",
                "keepCheckpoints=0                | keepCheckpoints is 0, allowed is at least 1",
                "sampleEvery=-1                   | sampleEvery is -1, allowed is 0 or more",
                "exportDtype=I64                  | exportDtype is I64, allowed is F32, F16 or BF16",
                "optimizer.learningRate=0         | optimizer.learningRate is 0.0, allowed is above 0, at most 1",
                "optimizer.beta1=1                | optimizer.beta1 is 1.0, allowed is 0 to below 1",
                "transport.path=curved            | path is 'curved', allowed are linear, gvp and vp",
                "transport.trainEps=1             | train eps is 1.0, allowed are 0 to below 0.5",
                "model.preset=SiT-Q/2             | preset is 'SiT-Q/2', allowed are SiT-Ti/2,",
                "model.mediators=[5]              | mediator count is 5, allowed are perfect squares",
                "model.mediators=[25]             | model.mediators is 25, allowed is at most one mediator per token of the 4×4 grid",
                "model.mediators=[]               | model.mediators is [], allowed is at least one count or 'full'",
                "model.mediatorBlocks=[1]         | model.mediatorBlocks is 1, allowed is 0 to 0",
                "model.heads=3                    | model.width is 16, allowed is a multiple of 4 and of heads 3",
                "data.type=cloud                  | field 'data.type': ",
                "data.split=all                   | data.split is all, allowed for idx are train and test",
                "data.imageSize=7                 | data.imageSize is 7, allowed are divisors of data.padTo 32",
                "data.channels=4                  | data.channels is 4, allowed are 1 and 3",
                "data.path=                       | data.path is empty, expected is a folder",
            })
    void wrongSettingsAreOneLineAndExitCode2(String assignment, String message) {
        CliRun failed = train("--set", assignment);

        assertThat(failed.err())
                .startsWith("mediator: ")
                .contains(": " + message)
                .hasLineCount(1);
        assertThat(failed.out()).isEmpty();
        assertThat(failed.exitCode()).isEqualTo(2);
        assertThat(run).doesNotExist();
    }

    @Test
    void unusableConfigurations() throws IOException {
        Path text = Files.writeString(folder.resolve("text.json"), "steps: 5");
        Path list = Files.writeString(folder.resolve("list.json"), "[1]");
        Path unknown = Files.writeString(folder.resolve("unknown.json"), "{\"model\": {\"layers\": 3}}");

        Path wrong = Files.writeString(folder.resolve("wrong.json"), "{\"steps\": 0}");

        assertFails(1, folder.resolve("none.json") + " does not exist or is not a file", folder.resolve("none.json"));
        assertFails(1, folder + " does not exist or is not a file", folder);
        assertFails(1, text + " is not JSON", text);
        assertFails(1, list + " is not a JSON object", list);
        assertFails(2, unknown + ": unknown field 'model.layers', known there are preset, depth,", unknown);
        assertFails(2, wrong + ": steps is 0, allowed is at least 1", wrong);
        assertFails(2, "a CONFIG.json is missing, or --run DIR with --resume");
        assertFails(2, "a CONFIG.json is missing, or --run DIR with --resume", "--resume");
        assertFails(2, "a CONFIG.json is missing, or --run DIR with --resume", "--run", run);
    }

    @Test
    void missingDataNamesItsPackageAndTheSetting() {
        CliRun failed = train("--set", "data.path=" + folder.resolve("nowhere"));

        assertThat(failed.err())
                .startsWith("mediator: " + folder.resolve("nowhere"))
                .contains("data.path", "dataset-fashion-mnist")
                .hasLineCount(1);
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(run).doesNotExist();
    }

    @Test
    void damagedDataIsNamed() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        try (Stream<Path> files = Files.list(TinyTraining.EXCERPT)) {
            for (Path file : files.toList()) {
                Files.copy(file, data.resolve(file.getFileName().toString()));
            }
        }
        Path labels = data.resolve("train-labels-idx1-ubyte.gz");
        Files.write(labels, new byte[] {0, 0, 8, 3, 0, 0, 0, 1});

        CliRun failed = train("--set", "data.path=" + data);

        assertThat(failed.err())
                .startsWith("mediator: " + labels + " is not a usable IDX file: it starts with 0x00000803")
                .hasLineCount(1);
        assertThat(failed.exitCode()).isEqualTo(1);
    }

    @Test
    void aUsedDirectoryIsLeftAlone() throws IOException {
        train("--set", "steps=2");
        String before = Files.readString(run.resolve("config.json"));

        CliRun failed = train();

        assertThat(failed.err())
                .startsWith("mediator: " + run + " holds a training already")
                .hasLineCount(1);
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(Files.readString(run.resolve("config.json"))).isEqualTo(before);
    }

    @Test
    void aRunNeedsAFolder() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");

        assertFails(1, file + " is a file, a run needs a folder", config, "--run", file);
        assertFails(1, file + " is a file, a run needs a folder", "--run", file, "--resume");
        CliRun below = CliRun.of("train", config, "--run", file.resolve("below"));
        assertThat(below.err()).startsWith("mediator: " + file).hasLineCount(1);
        assertThat(below.exitCode()).isEqualTo(1);
    }

    @Test
    void whatCannotBeResumed() throws IOException {
        assertFails(1, run + " holds no training to resume: there is no such folder", "--run", run, "--resume");
        assertFails(
                1,
                folder
                        + " holds no training to resume: there is neither a config.json nor a checkpoints/step-*.safetensors",
                "--run",
                folder,
                "--resume");
        train("--set", "steps=2");
        assertFails(
                2,
                "--set batchSize=4 with --resume: 'batchSize' decides what is trained, allowed are steps,",
                "--run",
                run,
                "--resume",
                "--set",
                "batchSize=4");
        assertFails(
                2,
                "a run is resumed as it was started: --dtype does not go with --resume",
                "--run",
                run,
                "--resume",
                "--dtype",
                "bf16");
        Path checkpoint = run.resolve("checkpoints/step-00000002.safetensors");
        byte[] bytes = Files.readAllBytes(checkpoint);
        Files.write(checkpoint, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        assertFails(
                1,
                "no checkpoint of " + run + " can be used: " + checkpoint + " is not a usable safetensors file",
                "--run",
                run,
                "--resume");
    }

    @Test
    void aLossThatIsNotANumberEndsTheRun() throws IOException {
        SitConfig network =
                new SitConfig(8, 2, 1, 16, 1, 2, 4, 10, false, List.of(new MediatorCount(4), MediatorCount.FULL), null);
        Path broken = TinyCheckpoint.write(
                folder.resolve("broken.safetensors"),
                network,
                List.of(),
                tensors -> tensors.put("final_layer.linear.bias", Tensors.full(Double.NaN, 4)));

        CliRun failed = train("--set", "initFrom=" + broken);

        assertThat(failed.err())
                .endsWith(
                        "mediator: the loss is NaN at step 0; there is no checkpoint from before; try a smaller learning rate\n");
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(run.resolve("checkpoints")).doesNotExist();
        assertThat(run.resolve("model.safetensors")).doesNotExist();
    }

    @Test
    void startingWeightsOfAnotherNetworkAreRefused() throws IOException {
        Path other = TinyCheckpoint.write(
                folder.resolve("other.safetensors"), TinyCheckpoint.config(4, 3), TinyCheckpoint.CLASSES, t -> {});

        CliRun failed = train("--set", "initFrom=" + other);

        assertThat(failed.err())
                .startsWith("mediator: initFrom " + other + ": its inChannels is 4, wanted is 1; only input size,")
                .hasLineCount(1);
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(run).doesNotExist();
    }

    private CliRun train(Object... more) {
        return CliRun.of(Stream.concat(Stream.of("train", config, "--run", run, "--threads", 1), Stream.of(more))
                .toArray());
    }

    private static void assertFails(int exitCode, String message, Object... arguments) {
        CliRun failed = CliRun.of(
                Stream.concat(Stream.of("train"), Stream.of(arguments)).toArray());

        assertThat(failed.err()).startsWith("mediator: " + message).hasLineCount(1);
        assertThat(failed.out()).isEmpty();
        assertThat(failed.exitCode()).isEqualTo(exitCode);
    }
}
