package dev.mediator.app.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.SampledPictures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Runs of {@code evaluate} against the shipped excerpt of Fashion-MNIST.
 *
 * @param reference a file of {@code make-reference}
 * @param out where they write
 */
record Evaluations(Path reference, Path out) {
    static Evaluations in(Path folder) {
        Path reference = folder.resolve("reference.safetensors");
        CliRun made = CliRun.of(
                "make-reference", SampledPictures.TRAIN, "--out", reference, "--weights", SampledPictures.CLASSIFIER);
        assertThat(made.exitCode()).as(made.err()).isZero();
        return new Evaluations(reference, folder.resolve("out"));
    }

    CliRun evaluate(Object... options) {
        List<Object> args = new ArrayList<>(List.of("evaluate", "--out", out, "--weights", SampledPictures.CLASSIFIER));
        Collections.addAll(args, options);
        return CliRun.of(args.toArray());
    }
}
