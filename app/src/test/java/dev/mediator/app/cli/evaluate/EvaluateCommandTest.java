package dev.mediator.app.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.app.cli.CliRun;
import dev.mediator.app.cli.SampledPictures;
import dev.mediator.app.cli.TinyCheckpoint;
import dev.mediator.app.cli.console.Interruption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code evaluate}: what it scores, prints and writes. */
class EvaluateCommandTest {
    @TempDir
    private Path folder;

    private Path reference;
    private Path out;
    private Evaluations evaluations;

    @BeforeEach
    void makeReference() {
        evaluations = Evaluations.in(folder);
        reference = evaluations.reference();
        out = evaluations.out();
    }

    @Test
    void jsonHoldsExactlyWhatApplies() {
        CliRun run = evaluate("--samples", SampledPictures.TEST, "--reference", reference, "--json");

        JsonNode answer = run.json();
        assertThat(answer.propertyNames())
                .containsExactlyInAnyOrder(
                        "fd",
                        "is",
                        "isStd",
                        "precision",
                        "recall",
                        "kid",
                        "kidStd",
                        "classAgreement",
                        "samples",
                        "extractor");
        assertThat(answer.path("samples").intValue()).isEqualTo(100);
        assertThat(answer.path("extractor").stringValue()).isEqualTo("fashion");
        assertThat(answer.path("classAgreement").doubleValue()).isGreaterThanOrEqualTo(0.88);
        assertThat(answer.path("fd").doubleValue()).isBetween(0.01, 2.0);
        assertThat(answer.path("precision").doubleValue()).isBetween(0.7, 1.0);
        assertThat(answer.path("recall").doubleValue()).isBetween(0.6, 1.0);
        assertThat(answer.path("is").doubleValue()).isBetween(4.0, 10.0);
        assertThat(answer.path("kid").doubleValue()).isCloseTo(0, within(0.05));
    }

    @Test
    void thePeopleSeeATableAndWarnings() {
        CliRun run = evaluate("--samples", SampledPictures.TEST, "--reference", reference);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("100 samples of " + SampledPictures.TEST)
                .contains("against 200 images, by fashion version 1 with 128 features")
                .containsPattern("FD-fashion +0\\.\\d{4}\n")
                .containsPattern("class agreement +\\d\\d\\.00 %\n")
                .contains(out.resolve("evaluation.json").toString());
        assertThat(run.err())
                .contains("warning: 100 samples for 128 feature dimensions: the covariance has not full rank")
                .contains("warning: the kernel distance's subsets have 100 images instead of 1000");
    }

    @Test
    void theRecordHasEverySetting() throws IOException {
        CliRun run = evaluate("--samples", SampledPictures.TEST, "--reference", reference, "--neighbours", 5, "--json");

        JsonNode record = new JsonMapper().readTree(Files.readString(out.resolve("evaluation.json")));
        assertThat(record.path("scores")).isEqualTo(run.json());
        assertThat(record.path("distanceName").stringValue()).isEqualTo("FD-fashion");
        JsonNode settings = record.path("settings");
        assertThat(settings.path("samples").path("path").stringValue()).isEqualTo(SampledPictures.TEST.toString());
        assertThat(settings.path("samples").path("sha256").stringValue()).hasSize(64);
        assertThat(settings.path("reference").path("images").intValue()).isEqualTo(200);
        assertThat(settings.path("extractor").path("weightsSha256").stringValue())
                .startsWith("b80b29ba2992");
        assertThat(settings.path("scoring").path("neighbours").intValue()).isEqualTo(5);
        assertThat(settings.path("preparation").path("size").intValue()).isZero();
        assertThat(record.path("warnings")).isNotEmpty();
        assertThat(record.path("program").stringValue()).startsWith("mediator ");
        assertThat(SampledPictures.files(out)).hasSize(1);
    }

    @Test
    void aSetAgainstItselfIsNearlyZero() {
        JsonNode answer = evaluate("--samples", SampledPictures.TRAIN, "--reference", reference, "--json")
                .json();
        assertThat(answer.path("fd").doubleValue()).isBetween(0.0, 1e-9);
        assertThat(answer.path("precision").doubleValue()).isEqualTo(1);
    }

    @Test
    void foldersScoreAsTheirPicturesDo() throws IOException {
        Path flat = SampledPictures.flat(folder.resolve("flat"), 30);
        Path byClass = SampledPictures.byClass(folder.resolve("classes"), 30);

        JsonNode ofFlat =
                evaluate("--samples", flat, "--reference", reference, "--json").json();
        JsonNode ofClasses = evaluate("--samples", byClass, "--reference", reference, "--json")
                .json();

        assertThat(ofFlat.has("classAgreement")).isFalse();
        assertThat(ofClasses.path("classAgreement").doubleValue()).isGreaterThanOrEqualTo(0.8);
        assertThat(ofClasses.path("fd").doubleValue())
                .isCloseTo(ofFlat.path("fd").doubleValue(), within(1e-4));
    }

    /** The network's own classes are none of the classifier's, so nothing is said of them. */
    @Test
    void whatAModelMakesIsScoredWithoutFiles() throws IOException {
        Path model = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        Object[] options = {
            "--model",
            model,
            "--count",
            24,
            "--seed",
            3,
            "--points",
            3,
            "--schedule",
            "static:4",
            "--reference",
            reference,
            "--json"
        };
        CliRun run = evaluate(options);
        JsonNode answer = run.json();
        assertThat(answer.path("samples").intValue()).isEqualTo(24);
        assertThat(answer.has("classAgreement")).isFalse();
        JsonNode settings = new JsonMapper()
                .readTree(Files.readString(out.resolve("evaluation.json")))
                .path("settings")
                .path("samples");
        assertThat(settings.path("samples").path("seed").intValue()).isEqualTo(3);
        assertThat(settings.path("schedule").stringValue()).isEqualTo("static:4");
        assertThat(settings.path("models").get(0).path("file").stringValue()).isEqualTo("tiny.safetensors");
        assertThat(evaluate(options).json()).isEqualTo(answer);
        options[5] = 4;
        assertThat(evaluate(options).json().path("fd")).isNotEqualTo(answer.path("fd"));
    }

    @Test
    void classesOfAModelAreThoseOfTheClassifierByName() throws IOException {
        List<String> clothes = List.of("Bag", "sneaker");
        Path model = TinyCheckpoint.write(
                folder.resolve("clothes.safetensors"), TinyCheckpoint.config(1, 2), clothes, tensors -> {});
        JsonNode answer = evaluate("--model", model, "--count", 20, "--points", 3, "--reference", reference, "--json")
                .json();
        assertThat(answer.path("classAgreement").doubleValue()).isBetween(0.0, 1.0);
    }

    /** The record that sample writes tells classes and pictures; its contact sheet is none of them. */
    @Test
    void foldersOfSampleAreScoredByTheirRecord() throws IOException {
        Path model = TinyCheckpoint.write(
                folder.resolve("c.safetensors"), TinyCheckpoint.config(1, 2), List.of("Bag", "Dress"), tensors -> {});
        Path samples = folder.resolve("samples");
        CliRun.of("sample", "--model", model, "--out", samples, "--count", 6, "--points", 3);

        CliRun run = evaluate("--samples", samples, "--reference", reference, "--json");
        assertThat(run.json().path("samples").intValue()).isEqualTo(12);
        assertThat(run.json().has("classAgreement")).isTrue();
        JsonNode record = new JsonMapper().readTree(Files.readString(out.resolve("evaluation.json")));
        assertThat(record.path("settings")
                        .path("samples")
                        .path("madeBy")
                        .path("summary")
                        .stringValue())
                .isEqualTo("ODE midpoint, 3 points");
        assertThat(record.path("gflopsPerImage").doubleValue()).isPositive();

        Files.delete(samples.resolve("00-bag-seed0.png"));
        CliRun lacking = evaluate("--samples", samples, "--reference", reference);
        assertThat(lacking.exitCode()).isEqualTo(1);
        assertThat(lacking.err())
                .isEqualTo("mediator: " + samples + " lacks 1 of the 12 pictures of its record; the sample command that"
                        + " began it makes the rest\n");
    }

    @Test
    void anInterruptionWritesNothing() {
        Interruption interruption = new Interruption(Duration.ZERO);
        interruption.request();
        CliRun run = CliRun.of(
                interruption,
                "evaluate",
                "--samples",
                SampledPictures.TEST,
                "--reference",
                reference,
                "--weights",
                SampledPictures.CLASSIFIER,
                "--out",
                out);
        assertThat(run.exitCode()).isEqualTo(130);
        assertThat(run.err()).isEqualTo("stopped, nothing is written\nmediator: interrupted\n");
        assertThat(out).doesNotExist();
    }

    private CliRun evaluate(Object... options) {
        return evaluations.evaluate(options);
    }
}
