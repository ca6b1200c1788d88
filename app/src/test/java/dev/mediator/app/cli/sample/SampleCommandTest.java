package dev.mediator.app.cli.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.checkpoint.Weights;
import dev.mediator.generation.GenerationObserver;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import dev.mediator.model.FlopCount;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code sample}: what it writes, and that the same command gives the same pictures. */
class SampleCommandTest {
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

    @AfterEach
    void restoreThreads() {
        Engine.start(Engine.physicalCores());
    }

    @Test
    void writesPicturesContactSheetAndRecord() throws IOException {
        CliRun run = sample("--count", 2, "--seed", 5, "--points", 4);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).hasLineCount(3).contains("6 pictures in " + out, "contact sheet: ", "record: ");
        assertThat(names(out))
                .containsExactly(
                        "00-boot-seed5.png",
                        "00-boot-seed6.png",
                        "01-bag-seed5.png",
                        "01-bag-seed6.png",
                        "02-t-shirt-top-seed5.png",
                        "02-t-shirt-top-seed6.png",
                        "contact-sheet.png",
                        "record.json");
        Picture picture = PictureFile.read(out.resolve("01-bag-seed5.png"));
        assertThat(List.of(picture.width(), picture.height(), picture.channels()))
                .containsExactly(8, 8, 1);
        assertThat(PictureFile.read(out.resolve("contact-sheet.png")).width()).isGreaterThan(2 * 96);
    }

    @Test
    void jsonHoldsWhatIsPromisedAndNothingElseIsOnStdout() throws IOException {
        CliRun run = sample("--classes", "Bag,0", "--count", 2, "--seed", -1, "--points", 4, "--json");

        JsonNode answer = run.json();
        assertThat(answer.propertyNames())
                .containsExactlyInAnyOrder(
                        "images",
                        "classes",
                        "seeds",
                        "schedule",
                        "switchSteps",
                        "evaluations",
                        "gflops",
                        "gflopsFull",
                        "seconds",
                        "contactSheet",
                        "stages",
                        "record",
                        "npz");
        assertThat(strings(answer.path("classes"))).containsExactly("Bag", "Bag", "Boot", "Boot");
        assertThat(answer.path("seeds").values().stream().map(JsonNode::longValue))
                .containsExactly(-1L, 0L, -1L, 0L);
        assertThat(strings(answer.path("images")))
                .containsExactly(
                        out.resolve("01-bag-seed-1.png").toString(),
                        out.resolve("01-bag-seed0.png").toString(),
                        out.resolve("00-boot-seed-1.png").toString(),
                        out.resolve("00-boot-seed0.png").toString())
                .allSatisfy(path -> assertThat(Path.of(path)).isRegularFile());
        assertThat(answer.path("seconds").doubleValue()).isPositive();
        assertThat(Path.of(answer.path("contactSheet").stringValue())).isRegularFile();
        assertThat(Path.of(answer.path("record").stringValue())).isRegularFile();
    }

    @Test
    void evaluationsAndFlopsAreThoseOfThePlan() {
        SitConfig config = TinyCheckpoint.config(1, 3);
        int evaluations = 3 * 2 * (2 * (6 - 1)); // 3 pictures, guided, 6 points

        JsonNode answer = sample("--count", 1, "--points", 6, "--mediators", 4, "--guidance-interval", "0,1", "--json")
                .json();

        assertThat(answer.path("evaluations").longValue()).isEqualTo(evaluations);
        assertThat(answer.path("gflops").doubleValue())
                .isCloseTo(evaluations * FlopCount.forward(config, new MediatorCount(4)) / 1e9, within(1e-9));
        assertThat(answer.path("gflopsFull").doubleValue())
                .isCloseTo(evaluations * FlopCount.forward(config, FlopCount.costliest(config)) / 1e9, within(1e-9))
                .isGreaterThan(answer.path("gflops").doubleValue());
    }

    @Test
    void theSameCommandGivesTheSameBytes() throws IOException {
        Path other = folder.resolve("other");

        sample("--points", 5);
        CliRun.of(arguments(other, List.of("--points", "5")));

        assertThat(names(other)).isEqualTo(names(out)).hasSize(3 * 4 + 2);
        for (String name : names(out)) {
            assertThat(other.resolve(name)).hasSameBinaryContentAs(out.resolve(name));
        }
    }

    @ParameterizedTest
    @CsvSource({"--batch,1", "--batch,3", "--batch,16", "--threads,1", "--threads,3"})
    void neitherBatchNorThreadsChangeThePictures(String option, int value) throws IOException {
        assertSamePictures(1, "--solver heun --points 6", option, value);
    }

    @Test
    void aSolverThatChoosesItsStepsDoesNotLookAtTheBatch() throws IOException {
        assertSamePictures(0, "--solver dopri5 --rtol 0.01", "--batch", 16);
    }

    private void assertSamePictures(int greyLevels, String options, String option, int value) throws IOException {
        Path changed = folder.resolve("changed");
        List<String> common = List.of(("--count 6 " + options).split(" "));
        CliRun.of(arguments(out, common, "--batch", "4"));

        List<String> words = new ArrayList<>(common);
        Collections.addAll(words, option, Integer.toString(value));
        CliRun run = CliRun.of(arguments(changed, words));

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(greatestDifference(out, changed)).isLessThanOrEqualTo(greyLevels);
        assertThat(changed.resolve("record.json")).hasSameBinaryContentAs(out.resolve("record.json"));
    }

    @Test
    void theRecordSufficesToMakeThePicturesAgain() throws IOException {
        sample("--sampler", "sde", "--points", 12, "--guidance", 1.5, "--guidance-interval", "0.2,0.9", "--count", 2);
        JsonNode record = JSON.readTree(Files.readString(out.resolve("record.json")));

        assertThat(record.path("models")).hasSize(1);
        assertThat(record.path("models").path(0).path("file").stringValue()).isEqualTo("tiny.safetensors");
        assertThat(record.path("models").path(0).path("sha256").stringValue()).isEqualTo(SampleRecord.sha256(model));
        GenerationSettings settings = JSON.treeToValue(record.path("settings"), GenerationSettings.class);
        try (ImageGenerator generator = ImageGenerator.open(
                model,
                Weights.valueOf(record.path("weights").stringValue().toUpperCase(java.util.Locale.ROOT)),
                DType.valueOf(record.path("dtype").stringValue()))) {
            for (JsonNode image : record.path("images")) {
                ImageRequest request = new ImageRequest(
                        image.path("label").intValue(), image.path("seed").longValue());
                Picture again = generator
                        .generate(List.of(request), generator.plan(settings), GenerationObserver.NONE)
                        .pictures()
                        .get(0);
                Picture written =
                        PictureFile.read(out.resolve(image.path("file").stringValue()));
                assertThat(greatestDifference(again, written)).isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void startedAgainItMakesOnlyWhatIsMissing() throws IOException {
        sample("--points", 5, "--batch", 4);
        List<String> deleted = List.of("00-boot-seed2.png", "01-bag-seed0.png", "02-t-shirt-top-seed3.png");
        byte[] sheet = Files.readAllBytes(out.resolve("contact-sheet.png"));
        Picture before = PictureFile.read(out.resolve(deleted.get(1)));
        for (String name : deleted) {
            Files.delete(out.resolve(name));
        }
        Files.writeString(out.resolve("00-boot-seed0.png.tmp"), "left by a process that was killed");

        JsonNode answer = sample("--points", 5, "--batch", 4, "--json").json();

        assertThat(answer.path("evaluations").longValue()).isEqualTo(3 * (8 + 6)); // guided at 0.25 to 0.875
        assertThat(answer.path("images")).hasSize(12);
        assertThat(greatestDifference(PictureFile.read(out.resolve(deleted.get(1))), before))
                .isLessThanOrEqualTo(1);
        assertThat(Files.readAllBytes(out.resolve("contact-sheet.png"))).hasSameSizeAs(sheet);
    }

    @Test
    void aFinishedFolderCostsNothing() {
        sample("--points", 4);

        CliRun again = sample("--points", 4, "--json");

        assertThat(again.err()).isEqualTo("all pictures are in " + out + " already\n");
        assertThat(again.json().path("evaluations").longValue()).isZero();
        assertThat(again.json().path("images")).hasSize(12);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--points 5                        | settings.sampler.points is 4 there, 5 now",
                "--points 4 --guidance 1           | settings.guidance.scale is 2.5 there, 1.0 now",
                "--points 4 --mediators 4          | settings.schedule.mediators is 16 there, 4 now",
                "--points 4 --sampler sde          | settings.sampler.equation is ode there, sde now",
                "--points 4 --dtype bf16           | dtype is F32 there, BF16 now",
                "--points 4 --weights model        | weights is ema there, model now",
                "--points 4 --seed 1               | images is others there than now",
            })
    void aFolderOfOtherSettingsIsLeftAlone(String arguments, String difference) throws IOException {
        sample("--points", 4);
        Path record = out.resolve("record.json");
        String before = Files.readString(record);

        CliRun run = sample((Object[]) arguments.split(" "));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo("mediator: " + out + " holds pictures made otherwise (" + difference
                        + "); choose another --out\n");
        assertThat(Files.readString(record)).isEqualTo(before);
        assertThat(names(out)).hasSize(14);
    }

    @Test
    void anotherCheckpointOfTheSameNameIsNoticed() throws IOException {
        sample("--points", 4);
        TinyCheckpoint.write(
                model,
                TinyCheckpoint.config(1, 3),
                List.of("Boot", "Bag", "T-shirt/top"),
                tensors -> tensors.put("final_layer.linear.bias", dev.mediator.tensor.Tensors.full(0.5, 4)));

        assertThat(sample("--points", 4).err()).contains("(models is others there than now)");
    }

    @Test
    void picturesOfUnknownOriginAreLeftAlone() throws IOException {
        sample("--points", 4);
        Files.delete(out.resolve("record.json"));

        CliRun run = sample("--points", 4);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo("mediator: " + out + " holds pictures of these names, but no record.json that tells how they"
                        + " were made; choose another --out\n");
        assertThat(out.resolve("record.json")).doesNotExist();
    }

    @Test
    void aFolderWithOtherFilesMayBeUsed() throws IOException {
        Files.createDirectories(out);
        Files.writeString(out.resolve("notes.txt"), "mine");

        assertThat(sample("--points", 4).exitCode()).isZero();
        assertThat(names(out)).contains("notes.txt", "record.json").hasSize(15);
    }

    @Test
    void aLargeContactSheetShowsTheFirstColumnsOnly() throws IOException {
        sample("--points", 2, "--solver", "euler", "--count", 20, "--classes", "Bag");
        Picture wide = PictureFile.read(out.resolve("contact-sheet.png"));
        out = folder.resolve("narrow");
        sample("--points", 2, "--solver", "euler", "--count", 16, "--classes", "Bag");

        assertThat(wide.width())
                .isEqualTo(PictureFile.read(out.resolve("contact-sheet.png")).width());
        assertThat(names(folder.resolve("out"))).hasSize(22);
    }

    @Test
    void classesOfTheSameNameHaveRowsOfTheirOwnAndNamesBecomePlainFileNames() throws IOException {
        List<String> classes = List.of("Crane", "Crane", "Ça: <\\/> |*?", "鶴", "con", "x".repeat(300));
        TinyCheckpoint.write(model, TinyCheckpoint.config(3, 6), classes, tensors -> {});

        CliRun run = sample("--points", 2, "--count", 1, "--json");

        assertThat(strings(run.json().path("classes"))).isEqualTo(classes);
        assertThat(names(out).subList(0, 6))
                .containsExactly(
                        "00-crane-seed0.png",
                        "01-crane-seed0.png",
                        "02-a-seed0.png",
                        "03-seed0.png",
                        "04-con-seed0.png",
                        "05-" + "x".repeat(40) + "-seed0.png");
        assertThat(PictureFile.read(out.resolve("03-seed0.png")).channels()).isEqualTo(3);
        assertThat(PictureFile.read(out.resolve("contact-sheet.png")).height()).isGreaterThan(6 * 96);
    }

    private CliRun sample(Object... more) {
        List<String> words = IntStream.range(0, more.length)
                .mapToObj(i -> more[i].toString())
                .toList();
        return CliRun.of(arguments(out, words));
    }

    private Object[] arguments(Path target, List<String> words, String... more) {
        List<Object> all = new ArrayList<>(List.of("sample", "--model", model, "--out", target));
        if (!words.contains("--threads")) {
            Collections.addAll(all, "--threads", "1"); // small networks gain nothing from more
        }
        all.addAll(words);
        Collections.addAll(all, (Object[]) more);
        return all.toArray();
    }

    private static List<String> strings(JsonNode array) {
        return array.values().stream().map(JsonNode::stringValue).toList();
    }

    private static List<String> names(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static int greatestDifference(Path a, Path b) throws IOException {
        int greatest = 0;
        for (String name : names(a)) {
            if (name.contains("seed")) {
                greatest = Math.max(
                        greatest,
                        greatestDifference(PictureFile.read(a.resolve(name)), PictureFile.read(b.resolve(name))));
            }
        }
        return greatest;
    }

    private static int greatestDifference(Picture a, Picture b) {
        byte[] first = a.samples();
        byte[] second = b.samples();
        assertThat(first).hasSameSizeAs(second);
        return IntStream.range(0, first.length)
                .map(i -> Math.abs(Byte.toUnsignedInt(first[i]) - Byte.toUnsignedInt(second[i])))
                .max()
                .orElseThrow();
    }
}
