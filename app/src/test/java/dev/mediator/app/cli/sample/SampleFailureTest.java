package dev.mediator.app.cli.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.app.cli.console.Interruption;
import dev.mediator.app.cli.console.InterruptionWhen;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code sample} says when it cannot do its work, and that it leaves nothing half-written. */
class SampleFailureTest {
    private static final String QKV = "blocks.0.attn.qkv.weight";

    @TempDir
    private Path folder;

    @Test
    void unusableCheckpoints() throws IOException {
        Path good = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        byte[] bytes = Files.readAllBytes(good);
        Path truncated = Files.write(folder.resolve("short.safetensors"), Arrays.copyOf(bytes, bytes.length - 9));
        Path foreign = folder.resolve("foreign.safetensors");
        try (Scope scope = Scope.open()) {
            SafeTensorsWriter.write(foreign, Map.of("w", Tensors.zeros(DType.F32, 2)), Map.of());
        }
        Path lacking = TinyCheckpoint.write(
                folder.resolve("lacking.safetensors"),
                TinyCheckpoint.config(1, 3),
                TinyCheckpoint.CLASSES,
                tensors -> tensors.remove(QKV));
        Path misshapen = TinyCheckpoint.write(
                folder.resolve("misshapen.safetensors"),
                TinyCheckpoint.config(1, 3),
                TinyCheckpoint.CLASSES,
                tensors -> tensors.put(QKV, Tensors.zeros(DType.F32, 48, 15)));
        Path latent = TinyCheckpoint.write(
                folder.resolve("latent.safetensors"), TinyCheckpoint.config(4, 3), TinyCheckpoint.CLASSES, t -> {});

        assertFails(folder.resolve("none.safetensors"), "does not exist or is not a file");
        assertFails(folder, "does not exist or is not a file");
        assertFails(truncated, "truncated?");
        assertFails(foreign, "its tensors are of no network that is known");
        assertFails(lacking, "lacks tensor '" + QKV + "' of shape [48, 16]");
        assertFails(misshapen, "tensor '" + QKV + "' of the checkpoint has shape [48, 15], expected is [48, 16]");
        assertFails(latent, "the network works on 4 channels");
    }

    @Test
    void weightsThatAreNotFinite() throws IOException {
        Path broken = TinyCheckpoint.write(
                folder.resolve("broken.safetensors"),
                TinyCheckpoint.config(1, 3),
                TinyCheckpoint.CLASSES,
                tensors -> tensors.put(QKV, Tensors.full(Double.NaN, 48, 16)));

        for (String options : List.of("--solver euler", "--solver dopri5", "--sampler sde")) {
            Path out = folder.resolve("out");
            CliRun run = CliRun.of(
                    (Object[]) ("sample --threads 1 --model " + broken + " --out " + out + " " + options).split(" "));

            assertThat(run.err())
                    .startsWith("mediator: ")
                    .contains("not finite")
                    .hasLineCount(1);
            assertThat(run.out()).isEmpty();
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(out).doesNotExist();
        }
    }

    @Test
    void placesThatCannotBeWrittenTo() throws IOException {
        Path model = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        Path file = Files.writeString(folder.resolve("file"), "mine");

        CliRun onFile = CliRun.of("sample", "--model", model, "--out", file);
        CliRun belowFile = CliRun.of("sample", "--model", model, "--out", file.resolve("below"));

        assertThat(onFile.err()).isEqualTo("mediator: " + file + " is a file, --out names a folder\n");
        assertThat(onFile.exitCode()).isEqualTo(1);
        assertThat(belowFile.err()).startsWith("mediator: " + file).hasLineCount(1);
        assertThat(belowFile.exitCode()).isEqualTo(1);
        assertThat(Files.readString(file)).isEqualTo("mine");
    }

    @Test
    void picturesThatCannotBeReadAgainAreNamed() throws IOException {
        Path model = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        Path out = folder.resolve("out");
        CliRun.of("sample", "--model", model, "--out", out, "--points", 3);
        Path damaged = out.resolve("01-bag-seed2.png");
        Files.write(damaged, Arrays.copyOf(Files.readAllBytes(damaged), 40));

        CliRun run = CliRun.of("sample", "--model", model, "--out", out, "--points", 3);

        assertThat(run.err()).contains("mediator: " + damaged + " cannot be read as an image");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void interruptedBeforeTheFirstPictureItLeavesNothing() throws IOException {
        Path model = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        Path out = folder.resolve("out");
        Interruption interruption = new Interruption(Duration.ZERO);
        interruption.request();

        CliRun run = CliRun.of(interruption, "sample", "--model", model, "--out", out, "--json");

        assertThat(run.err().lines())
                .containsExactly(
                        "stopped before the first picture; the same command makes them", "mediator: interrupted");
        assertThat(run.exitCode()).isEqualTo(130);
        assertThat(run.json().path("exitCode").intValue()).isEqualTo(130);
        assertThat(out).doesNotExist();
    }

    @Test
    void interruptedItKeepsWhatIsFinishedAndGoesOnFromThere() throws Exception {
        Path model = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        Path out = folder.resolve("out");
        Object[] command = {
            "sample",
            "--model",
            model,
            "--out",
            out,
            "--count",
            40,
            "--batch",
            2,
            "--points",
            3,
            "--json",
            "--threads",
            1
        };
        CliRun interrupted = CliRun.of(new InterruptionWhen(() -> pictures(out) >= 4), command);
        long made = pictures(out);

        assertThat(interrupted.exitCode()).as(interrupted.err()).isEqualTo(130);
        assertThat(made).isBetween(4L, 119L);
        assertThat(interrupted.err()).startsWith("stopped with " + made + " of 120 pictures in " + out);
        assertThat(out.resolve("contact-sheet.png")).doesNotExist();

        CliRun rest = CliRun.of(command);

        assertThat(rest.json().path("evaluations").longValue()).isEqualTo((120 - made) * (4 + 3)); // three guided
        assertThat(pictures(out)).isEqualTo(120);
        assertThat(out.resolve("contact-sheet.png")).exists();
    }

    private void assertFails(Path model, String reason) {
        Path out = folder.resolve("out");

        CliRun run = CliRun.of("sample", "--model", model, "--out", out);

        assertThat(run.err()).startsWith("mediator: " + model).contains(reason).hasLineCount(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(out).doesNotExist();
    }

    private static long pictures(Path out) throws IOException {
        if (!Files.isDirectory(out)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(out)) {
            return files.filter(file -> file.toString().matches(".*seed\\d+\\.png"))
                    .count();
        }
    }
}
