package dev.mediator.app.cli.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.SampledPictures;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.checkpoint.NpyHeader;
import dev.mediator.checkpoint.NpzFile;
import dev.mediator.evaluation.NpzImages;
import dev.mediator.image.PictureFile;
import dev.mediator.model.SitConfig;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sample --npz}: what ADM's evaluator reads. */
class SampleNpzTest {
    @TempDir
    private Path folder;

    @Test
    void greyIsRepeatedAndClassesFollow() throws IOException {
        Path model = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        Path out = folder.resolve("out");
        Path npz = folder.resolve("new/batch.npz");
        CliRun run = CliRun.of(
                "sample",
                "--model",
                model,
                "--out",
                out,
                "--npz",
                npz,
                "--classes",
                "2,0",
                "--count",
                2,
                "--points",
                3,
                "--json");
        assertThat(run.json().path("npz").stringValue()).isEqualTo(npz.toString());
        try (NpzFile file = NpzFile.open(npz);
                Scope scope = Scope.open()) {
            NpyHeader images = file.header("arr_0");
            assertThat(images.shape()).isEqualTo(List.of(4L, 8L, 8L, 3L));
            assertThat(images.dtype()).isEqualTo(DType.U8);
            assertThat(file.header("arr_1").dtype()).isEqualTo(DType.I64);
            assertThat(Tensors.longs(file.read("arr_1", 100))).containsExactly(2, 2, 0, 0);
        }
        try (NpzImages images = NpzImages.open(npz)) {
            images.skip(3);
            assertThat(images.next(1).get(0))
                    .isEqualTo(
                            PictureFile.read(out.resolve("00-boot-seed1.png")).withChannels(3));
        }
        assertThat(SampledPictures.files(folder.resolve("new"))).hasSize(1); // no temporary file
    }

    /** From pictures that were made before. */
    @Test
    void aFinishedFolderBecomesABatch() throws IOException {
        SitConfig colour = TinyCheckpoint.config(3, 2);
        Path model = TinyCheckpoint.write(folder.resolve("c.safetensors"), colour, List.of("a", "b"), tensors -> {});
        Path out = folder.resolve("out");
        Path npz = folder.resolve("batch.npz");
        Object[] first = {"sample", "--model", model, "--out", out, "--count", 2, "--points", 3};
        assertThat(CliRun.of(first).exitCode()).isZero();
        CliRun run = CliRun.of("sample", "--model", model, "--out", out, "--count", 2, "--points", 3, "--npz", npz);
        assertThat(run.out()).contains("npz: " + npz);
        try (NpzImages images = NpzImages.open(npz)) {
            assertThat(images.classes()).containsExactly("0", "0", "1", "1");
            assertThat(images.next(1).get(0)).isEqualTo(PictureFile.read(out.resolve("00-a-seed0.png")));
        }
        CliRun refused = CliRun.of("sample", "--model", model, "--npz", folder);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).isEqualTo("mediator: " + folder + " is a folder, --npz names a file\n");
    }
}
