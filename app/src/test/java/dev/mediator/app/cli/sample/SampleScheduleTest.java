package dev.mediator.app.cli.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.app.cli.console.InterruptionWhen;
import dev.mediator.file.JsonFile;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.stepwise.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code sample --schedule}: what the record, the answer and the chart tell of the stages. */
class SampleScheduleTest {
    private static final String SWITCHING = "threshold:4,16,full@0.95,0.75;denoised";
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path folder;

    private Path model;
    private Path out;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        out = folder.resolve("out");
    }

    @Test
    void theRecordTellsForEachPictureWhichStageServedWhichStep() throws IOException {
        JsonNode answer = sample("--schedule", SWITCHING, "--sampler", "sde", "--points", 24, "--count", 4, "--json")
                .json();
        JsonNode record = record();

        assertThat(record.path("schedule").stringValue()).isEqualTo(SWITCHING);
        assertThat(JSON.treeToValue(record.path("settings"), GenerationSettings.class)
                        .schedule())
                .isEqualTo(Schedule.parse(SWITCHING));
        assertThat(record.path("images")).hasSize(12).allSatisfy(image -> {
            JsonNode trace = image.path("trace");
            assertThat(trace.path("stages").values().stream()
                            .mapToInt(span -> span.path("steps").intValue())
                            .sum())
                    .isEqualTo(24);
            assertThat(trace.path("evaluations").intValue()).isEqualTo(2 * 24);
            assertThat(trace.path("gflops").doubleValue())
                    .isPositive()
                    .isLessThan(trace.path("gflopsFull").doubleValue());
        });
        List<JsonNode> switchSteps = record.path("images").values().stream()
                .map(image -> image.path("trace").path("switchSteps"))
                .toList();
        assertThat(switchSteps.stream().distinct()).hasSizeGreaterThan(2);
        assertThat(answer.path("switchSteps").values()).isEqualTo(switchSteps);
        assertThat(answer.path("schedule").stringValue()).isEqualTo(SWITCHING);
        assertThat(sum(record, "gflops")).isCloseTo(answer.path("gflops").doubleValue(), within(1e-9));
        assertThat(sum(record, "gflopsFull"))
                .isCloseTo(answer.path("gflopsFull").doubleValue(), within(1e-9));
        assertThat(out.resolve("traces.jsonl")).doesNotExist();
    }

    @Test
    void theChartHasARowForEachPicture() throws IOException {
        CliRun run = sample("--schedule", SWITCHING, "--points", 12, "--count", 4);
        Picture twelve = PictureFile.read(out.resolve("stages.png"));
        out = folder.resolve("more");
        sample("--schedule", SWITCHING, "--points", 12, "--count", 6);
        Picture eighteen = PictureFile.read(out.resolve("stages.png"));

        assertThat(run.out()).contains("stages of " + SWITCHING + ": " + folder.resolve("out/stages.png"));
        assertThat(eighteen.height() - twelve.height()).isEqualTo(6 * 19);
    }

    @Test
    void oneStageNeedsNoChart() throws IOException {
        JsonNode answer =
                sample("--mediators", 4, "--points", 5, "--count", 1, "--json").json();

        assertThat(out.resolve("stages.png")).doesNotExist();
        assertThat(answer.path("stages").isNull()).isTrue();
        assertThat(answer.path("schedule").stringValue()).isEqualTo("static:4");
        assertThat(answer.path("switchSteps")).hasSize(3).allMatch(JsonNode::isEmpty);
        assertThat(record().path("images").path(0).path("trace").path("stages"))
                .isEqualTo(JSON.readTree("[{\"mediators\":4,\"steps\":4}]"));
    }

    @Test
    void aBudgetIsMetAndTheRecordTellsHow() throws IOException {
        JsonNode answer =
                sample("--schedule", "budget:0.93", "--points", 40, "--json").json();

        assertThat(answer.path("gflops").doubleValue()
                        / answer.path("gflopsFull").doubleValue())
                .isCloseTo(0.93, within(0.02 * 0.93));
        assertThat(answer.path("schedule").stringValue()).matches("fixed:.*,4");
        assertThat(record().path("schedule").stringValue())
                .isEqualTo(answer.path("schedule").stringValue());
        assertThat(record().path("settings").path("schedule").path("share").doubleValue())
                .isEqualTo(0.93);
    }

    @Test
    void aScheduleMayComeFromAFile() throws IOException {
        Path file = Files.writeString(
                folder.resolve("s.json"), "{\"gflops\": 1, \"schedule\": {\"rule\":\"static\",\"mediators\":4}}");
        Path empty = Files.writeString(folder.resolve("empty.json"), "{}");

        assertThat(sample("--schedule", file, "--points", 3, "--json")
                        .json()
                        .path("schedule")
                        .stringValue())
                .isEqualTo("static:4");
        CliRun bad = sample("--schedule", empty, "--points", 3);
        assertThat(bad.exitCode()).isEqualTo(1);
        assertThat(bad.err())
                .startsWith("mediator: " + empty + " holds no schedule: ")
                .hasLineCount(1);
        CliRun missing = sample("--schedule", folder.resolve("none.json"), "--points", 3);
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.err()).isEqualTo("mediator: " + folder.resolve("none.json") + ": no such file or folder\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"several", "comma"})
    void aCheckpointForEachStage(String way) throws IOException {
        Path few = single("few.safetensors", 4);
        Path many = single("many.safetensors", 16);
        Object[] models = way.equals("comma")
                ? new Object[] {"--model", few + "," + many}
                : new Object[] {"--model", few, "--model", many};

        CliRun run = CliRun.of(Stream.concat(
                        Stream.of("sample", "--threads", 1, "--out", out, "--points", 6, "--count", 1, "--json"),
                        Stream.concat(Arrays.stream(models), Stream.of("--schedule", "fixed:4@0.4,16")))
                .toArray());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(record().path("models").values().stream()
                        .map(m -> m.path("file").stringValue()))
                .containsExactly("few.safetensors", "many.safetensors");
        assertThat(record().path("images").path(0).path("trace").path("stages"))
                .isEqualTo(JSON.readTree("[{\"mediators\":4,\"steps\":2},{\"mediators\":16,\"steps\":3}]"));
    }

    @Test
    void startedAgainTheRecordIsStillComplete() throws IOException {
        Object[] command = {"--schedule", SWITCHING, "--points", 12, "--batch", 5};
        sample(command);
        String complete = Files.readString(out.resolve("record.json"));
        Files.delete(out.resolve("01-bag-seed2.png"));

        CliRun again = sample(command);

        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(Files.readString(out.resolve("record.json"))).isEqualTo(complete);
    }

    @Test
    void ofWhichNothingIsKnownIsMadeAgain() throws IOException {
        Object[] command = {"--schedule", SWITCHING, "--points", 12, "--json"};
        sample(command);
        String complete = Files.readString(out.resolve("record.json"));
        JsonNode record = JSON.readTree(complete);
        ((ObjectNode) record.path("images").path(3)).remove("trace");
        JsonFile.writeSealed(
                out.resolve("record.json"), JSON.writeValueAsString(((ObjectNode) record).without("checksum")));

        assertThat(sample(command).json().path("evaluations").intValue()).isEqualTo(2 * 2 * 11);
        assertThat(Files.readString(out.resolve("record.json"))).isEqualTo(complete);
    }

    /** As a killed process leaves it: some pictures, some traces, the last line of them half written. */
    @Test
    void whatAKilledProcessLeavesIsCompleted() throws IOException {
        Object[] command = {"--schedule", SWITCHING, "--points", 12};
        sample(command);
        String complete = Files.readString(out.resolve("record.json"));
        JsonNode record = JSON.readTree(complete);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            ObjectNode image = (ObjectNode) record.path("images").path(i);
            lines.add("{\"file\":" + image.path("file") + ",\"trace\":" + image.remove("trace") + "}\n");
            if (i >= 5) {
                Files.delete(out.resolve(image.path("file").stringValue()));
            }
        }
        JsonFile.writeSealed(
                out.resolve("record.json"), JSON.writeValueAsString(((ObjectNode) record).without("checksum")));
        Files.writeString(
                out.resolve("traces.jsonl"),
                String.join("", lines.subList(0, 7)) + lines.get(7).substring(0, 40));

        CliRun again = sample(
                Stream.concat(Arrays.stream(command), Stream.of("--json")).toArray());

        assertThat(again.json().path("evaluations").intValue()).isEqualTo(7 * 2 * 2 * 11);
        assertThat(Files.readString(out.resolve("record.json"))).isEqualTo(complete);
        assertThat(out.resolve("traces.jsonl")).doesNotExist();
    }

    @Test
    void anInterruptedRunEndsWithACompleteRecord() throws Exception {
        Object[] command = {"--schedule", SWITCHING, "--points", 12, "--count", 10, "--batch", 2};
        CliRun interrupted = CliRun.of(
                new InterruptionWhen(() -> Files.exists(out.resolve("00-boot-seed5.png"))), arguments(command));
        assertThat(interrupted.exitCode()).isEqualTo(130);
        assertThat(out.resolve("traces.jsonl")).exists();
        assertThat(out.resolve("stages.png")).doesNotExist();

        CliRun rest = sample(command);

        assertThat(rest.exitCode()).as(rest.err()).isZero();
        assertThat(record().path("images")).hasSize(30).allMatch(image -> image.has("trace"));
        assertThat(out.resolve("stages.png")).exists();
    }

    @Test
    void damagedTracesAreNamed() throws IOException {
        Object[] command = {"--schedule", SWITCHING, "--points", 12};
        sample(command);
        Files.writeString(out.resolve("traces.jsonl"), "nonsense\n");

        CliRun run = sample(command);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("mediator: " + out.resolve("traces.jsonl"))
                .hasLineCount(1);
    }

    private Path single(String name, int mediators) throws IOException {
        SitConfig config = new SitConfig(8, 2, 1, 16, 1, 2, 4, 3, false, List.of(new MediatorCount(mediators)), null);
        return TinyCheckpoint.write(folder.resolve(name), config, TinyCheckpoint.CLASSES, tensors -> {});
    }

    private JsonNode record() throws IOException {
        return JSON.readTree(Files.readString(out.resolve("record.json")));
    }

    private static double sum(JsonNode record, String field) {
        return record.path("images").values().stream()
                .mapToDouble(image -> image.path("trace").path(field).doubleValue())
                .sum();
    }

    private CliRun sample(Object... more) {
        return CliRun.of(arguments(more));
    }

    private Object[] arguments(Object... more) {
        Object[] fixed = {"sample", "--model", model, "--out", out, "--threads", 1, "--guidance-interval", "0,1"};
        return Stream.concat(Arrays.stream(fixed), Arrays.stream(more)).toArray();
    }
}
