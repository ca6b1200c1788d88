package dev.mediator.app.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.SampledPictures;
import dev.mediator.app.cli.TinyTraining;
import dev.mediator.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Data that change between the start of a training and its end, and images that turn out to be unreadable. */
class ChangedDataTest {
    @TempDir
    private Path folder;

    private Path run;
    private Path pictures;
    private Path config;

    @BeforeEach
    void prepare() throws IOException {
        Engine.start();
        run = folder.resolve("run");
        pictures = SampledPictures.byClass(folder.resolve("pictures"), 24);
        config = TinyTraining.writeConfig(folder.resolve("tiny.json"));
    }

    @Test
    void aResumedTrainingNoticesAReplacedImage() throws IOException {
        assertThat(start().exitCode()).isZero();
        assertThat(resume(4).exitCode()).isZero();
        Path first = firstPicture();
        Files.copy(lastPicture(), first, StandardCopyOption.REPLACE_EXISTING);
        CliRun refused = resume(6);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err())
                .contains("the data have changed since " + run + " was trained on them: 1 file replaced ("
                        + pictures.relativize(first) + ")")
                .endsWith("; to go on with them knowingly: ./mediator train --run " + run
                        + " --resume --threads 1 --set steps=6 --accept-changed-data\n");
        CliRun accepted = resume(6, "--accept-changed-data");
        assertThat(accepted.exitCode()).as(accepted.err()).isZero();
        assertThat(accepted.err()).contains("the data have changed since");
        CliRun after = resume(8);
        assertThat(after.exitCode()).isZero();
        assertThat(after.err()).doesNotContain("the data have changed");
    }

    /** It goes where the refused one would have gone: the same data, the same number of updates. */
    @Test
    void theProposedCommandKeepsTheOptions() throws IOException {
        assertThat(start().exitCode()).isZero();
        Path moved = Files.move(pictures, folder.resolve("moved pictures of 'mine'"));
        Files.delete(sorted(moved).get(23));
        CliRun refused = CliRun.of(
                "--threads",
                1,
                "train",
                config,
                "--run",
                run,
                "--resume",
                "--set=data.path=" + moved,
                "--set",
                "steps=5",
                "--skip-unreadable",
                "--json");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.json().path("error").stringValue())
                .endsWith("; to go on with them knowingly: ./mediator train --run " + run
                        + " --resume --threads 1 --set 'data.path=" + folder
                        + "/moved pictures of '\\''mine'\\''' --set steps=5 --skip-unreadable --json"
                        + " --accept-changed-data");
    }

    @Test
    void dataMayBeMovedAndOldRunsGoOn() throws IOException {
        assertThat(start().exitCode()).isZero();
        Path moved = Files.move(pictures, folder.resolve("moved"));
        assertThat(resume(4, "--set", "data.path=" + moved).exitCode()).isZero();
        Files.delete(run.resolve("data.json")); // as runs of earlier versions are
        CliRun old = resume(6);
        assertThat(old.exitCode()).isZero();
        assertThat(old.err()).contains("does not tell what data it was trained on");
        assertThat(run.resolve("data.json")).exists();
    }

    @Test
    void acceptChangedDataGoesWithResume() {
        CliRun run = CliRun.of("train", config, "--accept-changed-data");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--accept-changed-data goes with --resume");
    }

    @Test
    void anUnreadableImageLosesNoUpdateAndIsLeftOutOnResume() throws IOException {
        Path broken = Files.writeString(firstPicture(), "no picture");
        CliRun strict = start();
        assertThat(strict.exitCode()).isEqualTo(1);
        assertThat(strict.err())
                .contains(broken + " cannot be read as an image")
                .contains("--skip-unreadable");
        assertThat(run.resolve("checkpoints")).isNotEmptyDirectory();
        CliRun lenient = resume(4, "--skip-unreadable", "--json");
        assertThat(lenient.exitCode()).as(lenient.err()).isZero();
        assertThat(lenient.err()).contains("1 unreadable images are left out, the first is " + broken);
        assertThat(lenient.json().path("skipped").intValue()).isEqualTo(1);
        byte[] once = Files.readAllBytes(run.resolve("model.safetensors"));
        assertThat(resume(4).exitCode()).isZero(); // the run remembers
        assertThat(Files.readAllBytes(run.resolve("model.safetensors"))).isEqualTo(once);
    }

    @Test
    void scoresTellWhatWasLeftOut() throws IOException {
        Path flat = SampledPictures.flat(folder.resolve("flat"), 24);
        Path broken = Files.writeString(flat.resolve("003.png"), "no picture");
        Files.createDirectory(flat.resolve("deeper"));
        Files.createDirectory(flat.resolve("deeper/still"));
        Files.copy(flat.resolve("000.png"), flat.resolve("deeper/still/a.png"));
        Path reference = folder.resolve("reference.safetensors");
        assertThat(reference(flat, reference).exitCode()).isEqualTo(1);
        CliRun made = reference(flat, reference, "--skip-unreadable", "--json");
        assertThat(made.exitCode()).as(made.err()).isZero();
        assertThat(made.err())
                .contains("1 unreadable images of " + flat + " are left out: " + broken)
                .contains("1 image (" + Path.of("deeper/still/a.png") + ") in folders inside of those: left out");
        assertThat(made.json().path("images").intValue()).isEqualTo(23);
        assertThat(made.json().path("skipped").intValue()).isEqualTo(1);
        Path out = folder.resolve("out");
        CliRun scored = CliRun.of(
                "evaluate",
                "--samples",
                flat,
                "--reference",
                reference,
                "--weights",
                SampledPictures.CLASSIFIER,
                "--splits",
                1,
                "--skip-unreadable",
                "--json",
                "--out",
                out);
        JsonNode answer = scored.json();
        assertThat(answer.path("samples").intValue()).isEqualTo(23);
        assertThat(answer.path("skipped").intValue()).isEqualTo(1);
        assertThat(scored.err()).contains("warning: 1 unreadable images of " + flat + " are left out");
        assertThat(Files.readString(out.resolve("evaluation.json"))).contains("SKIPPED_IMAGES");
    }

    private static CliRun reference(Path images, Path out, Object... more) {
        return CliRun.of(Stream.concat(
                        Stream.of("make-reference", images, "--out", out, "--weights", SampledPictures.CLASSIFIER),
                        Stream.of(more))
                .toArray());
    }

    private CliRun start() {
        return CliRun.of(
                "train",
                config,
                "--run",
                run,
                "--threads",
                1,
                "--set",
                "steps=2",
                "--set",
                "batchSize=24",
                "--set",
                "data.type=folder",
                "--set",
                "data.split=all",
                "--set",
                "data.path=" + pictures);
    }

    private CliRun resume(int steps, Object... more) {
        return CliRun.of(Stream.concat(
                        Stream.of("train", "--run", run, "--threads", 1, "--resume", "--set", "steps=" + steps),
                        Stream.of(more))
                .toArray());
    }

    /** The first of a class that has others. */
    private Path firstPicture() throws IOException {
        List<Path> all = sorted();
        return IntStream.range(1, all.size())
                .filter(i ->
                        Objects.equals(all.get(i).getParent(), all.get(i - 1).getParent()))
                .mapToObj(i -> all.get(i - 1))
                .findFirst()
                .orElseThrow();
    }

    private Path lastPicture() throws IOException {
        return sorted().get(23);
    }

    private List<Path> sorted() throws IOException {
        return sorted(pictures);
    }

    private static List<Path> sorted(Path pictures) throws IOException {
        try (Stream<Path> all = Files.walk(pictures)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
