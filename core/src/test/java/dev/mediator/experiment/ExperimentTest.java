package dev.mediator.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.experiment.ExperimentRow.Kind;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole experiment, in one go and in pieces. */
class ExperimentTest {
    @TempDir
    private Path temporary;

    /** Writes down what happens, and ends it when told to. */
    private static final class Recorder implements ExperimentListener {
        final List<String> phases = new ArrayList<>();
        final List<String> files = new ArrayList<>();
        final List<String> details = new ArrayList<>();
        double total;
        double done;
        final List<String> notes = new ArrayList<>();
        String stopAt = "never";

        @Override
        public void onNote(String note) {
            notes.add(note);
        }

        @Override
        public void onPhase(String name, double work, String unit) {
            phases.add(name);
            total = work;
            done = 0;
        }

        @Override
        public void onProgress(double now, String detail) {
            assertThat(now).isGreaterThanOrEqualTo(done * (1 - 1e-9)).isLessThanOrEqualTo(total * (1 + 1e-9));
            done = now;
            details.add(detail);
            if (detail.contains(stopAt)) {
                throw new CancellationException(stopAt);
            }
        }

        @Override
        public void onFile(Path file) {
            files.add(file.subpath(file.getNameCount() - 3, file.getNameCount()).toString());
        }
    }

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @Test
    void trainsScoresAndReports() throws IOException {
        ExperimentFolder folder = new ExperimentFolder(temporary.resolve("out"));
        Recorder recorder = new Recorder();

        ExperimentReport report = run(folder, recorder);

        assertThat(recorder.phases).containsExactly("training", "reading the reference", "scoring", "drawing samples");
        assertThat(report.scores()).hasSize(8);
        assertThat(report.rows())
                .extracting(ExperimentRow::kind)
                .containsExactly(Kind.STATIC, Kind.STATIC, Kind.FALLING, Kind.STATIC);
        assertThat(report.trainings()).allSatisfy(training -> {
            assertThat(training.images()).isEqualTo(7 * 8);
            assertThat(training.loss()).isBetween(0.1, 3.0);
            assertThat(training.minutes()).isPositive();
        });
        assertRowsAverageTheScores(report);
        assertFilesTellTheSame(folder, report);
    }

    /** 4×4 tokens: 4 mediators cost 4·4·16·16 multiply-adds against 2·16²·16 of full attention. */
    private static void assertRowsAverageTheScores(ExperimentReport report) {
        ExperimentRow cheap = report.rows().get(1);
        ExperimentRow mixed = report.rows().get(2);
        ExperimentRow full = report.rows().get(3);
        assertThat(full.gflops().mean() - cheap.gflops().mean())
                .isCloseTo(4 * (2 * 256 * 16 - 4 * 4 * 16 * 16) / 1e9, within(1e-12));
        assertThat(mixed.gflops().mean()) // one of two steps each
                .isCloseTo((cheap.gflops().mean() + full.gflops().mean()) / 2, within(1e-12));
        List<ScoredSamples> scores = report.scores();
        assertThat(mixed.fd().mean())
                .isCloseTo((scores.get(4).fd() + scores.get(5).fd()) / 2, within(1e-9));
        assertThat(mixed.fd().deviation())
                .isCloseTo(Math.abs(scores.get(4).fd() - scores.get(5).fd()) / Math.sqrt(2), within(1e-9));
        double beyond = 0;
        for (int seed = 0; seed < 2; seed++) {
            beyond += scores.get(4 + seed).fd() / 2
                    - (scores.get(2 + seed).fd() + scores.get(6 + seed).fd()) / 4;
        }
        assertThat(Objects.requireNonNull(mixed.beyondLine()).mean()).isCloseTo(beyond, within(1e-9));
        assertThat(cheap.beyondLine()).isNull();
        assertThat(report.rows().get(0).fd()).isNotEqualTo(cheap.fd());
        assertThat(scores.get(0).fd()).isNotEqualTo(scores.get(1).fd());
    }

    private static void assertFilesTellTheSame(ExperimentFolder folder, ExperimentReport report) throws IOException {
        ExperimentRow mixed = report.rows().get(2);
        assertThat(Files.readAllLines(folder.table()))
                .contains("# Tiny", "![FD-quarters against cost](fd.png)")
                .anySatisfy(line -> assertThat(line)
                        .startsWith("| 3 | elastic | `fixed:full@0.5,4` | ")
                        .contains(String.format(
                                Locale.ROOT,
                                "| %.3f ± %.3f |",
                                mixed.fd().mean(),
                                mixed.fd().deviation())))
                .anySatisfy(line -> assertThat(line).startsWith("| elastic | 4, full | 56 | "));
        assertThat(Files.readString(folder.json())).contains("\"distance\" : \"FD-quarters\"");
        Picture samples = PictureFile.read(folder.samples());
        assertThat(samples.height()).isGreaterThan(4 * 80);
        assertThat(report.plot().curves())
                .extracting(curve -> curve.name())
                .containsExactly("a network each", "elastic, static", "elastic, falling cost");
        assertThat(report.plot().curves().get(1).labels()).containsExactly("2", "4");
        assertThat(report.plot().curves().get(1).errors().get(0))
                .isEqualTo(report.rows().get(1).fd().deviation());
        assertThat(PictureFile.read(folder.plot())).isEqualTo(report.plot().draw());
    }

    @Test
    void aGuidanceThatNetworksDoNotLearnIsToldBeforeTheyAreTrained() {
        Recorder recorder = new Recorder();
        recorder.stopAt = "step 1 of";

        assertThatThrownBy(() -> run(
                        new ExperimentFolder(temporary.resolve("out")),
                        recorder,
                        "\"batchSize\": 8",
                        "\"batchSize\": 8, \"labelDropout\": 0",
                        "\"points\": 3}",
                        "\"points\": 3}, \"guidance\": {\"scale\": 1.5}"))
                .isInstanceOf(CancellationException.class);

        assertThat(recorder.notes)
                .hasSizeGreaterThanOrEqualTo(2)
                .element(0)
                .asString()
                .startsWith("run n=4: guidance is 1.5, but the network was trained with labelDropout 0");
        assertThat(recorder.notes.get(1)).startsWith("run elastic: guidance is 1.5, but");
    }

    @Test
    void stoppedAnywhereAndStartedAgainItEndsAlike() throws IOException {
        ExperimentReport straight = run(new ExperimentFolder(temporary.resolve("straight")), new Recorder());
        ExperimentFolder folder = new ExperimentFolder(temporary.resolve("pieces"));
        for (String stop : List.of(
                "n=4, stage 2, step 1 of 3",
                "elastic, stage 1, step 3 of 4",
                "elastic, static:4, seed 7",
                "elastic, static:full, seed 0, precision and recall")) {
            Recorder recorder = new Recorder();
            recorder.stopAt = stop;
            assertThatThrownBy(() -> run(folder, recorder)).isInstanceOf(CancellationException.class);
            assertThat(recorder.files).doesNotHaveDuplicates();
        }

        Recorder rest = new Recorder();
        ExperimentReport report = run(folder, rest);

        assertThat(rest.phases).containsExactly("reading the reference", "scoring", "drawing samples");
        assertThat(rest.files)
                .hasSize(6)
                .startsWith("scores/elastic/static-full-seed0.json", "scores/elastic/static-full-seed7.json")
                .last()
                .asString()
                .endsWith("pieces/samples.png");
        assertThat(report.rows()).isEqualTo(straight.rows());
    }

    @Test
    void whatIsDoneIsNotDoneAgainUnlessItChanges() throws IOException {
        ExperimentFolder folder = new ExperimentFolder(temporary.resolve("out"));
        run(folder, new Recorder());

        Recorder again = new Recorder();
        run(folder, again);
        assertThat(again.phases).containsExactly("drawing samples");

        Recorder changed = new Recorder();
        ExperimentReport report = run(folder, changed, "[0, 7]", "[0, 8]", "\"points\": 3", "\"points\": 4");
        assertThat(changed.phases).containsExactly("reading the reference", "scoring", "drawing samples");
        assertThat(report.scores()).hasSize(8).allSatisfy(score -> assertThat(score.evaluations())
                .isEqualTo(6));

        assertThatThrownBy(() -> run(folder, new Recorder(), "\"batchSize\": 8", "\"batchSize\": 4"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("runs/n=4/1 was trained with other settings (batchSize); delete it");
    }

    @Test
    void scoresThatAreNoneAndFoldersThatAreFilesAreNamed() throws IOException {
        ExperimentFolder folder = new ExperimentFolder(temporary.resolve("out"));
        run(folder, new Recorder());
        Path score = folder.score("elastic", "static:4", 7);
        Files.writeString(score, "{");

        assertThatThrownBy(() -> run(folder, new Recorder()))
                .isInstanceOf(IOException.class)
                .hasMessage(score + " holds no scores; delete it, and it is made anew");
        assertThatThrownBy(() -> run(new ExperimentFolder(folder.table()), new Recorder()))
                .isInstanceOf(IOException.class)
                .hasMessage(folder.table() + " is a file, an experiment needs a folder");
        try (Stream<Path> all = Files.walk(folder.path())) {
            assertThat(all.filter(file -> file.toString().endsWith(".tmp"))).isEmpty();
        }
    }

    @Test
    void oneSeedHasNoDeviation() throws IOException {
        ExperimentFolder folder = new ExperimentFolder(temporary.resolve("out"));

        ExperimentReport report = run(folder, new Recorder(), "\"seeds\": [0, 7]", "\"seeds\": [0]");

        double fd = report.rows().get(0).fd().mean();
        assertThat(Files.readString(folder.table()))
                .contains(String.format(Locale.ROOT, "| %.3f |", fd))
                .doesNotContain("±");
    }

    private ExperimentReport run(ExperimentFolder folder, Recorder recorder, String... replacements)
            throws IOException {
        ExperimentConfig config =
                ExperimentConfig.read(TinyExperiment.write(temporary.resolve("tiny.json"), replacements));
        try (FeatureExtractor extractor = TinyExperiment.extractor()) {
            return new Experiment(config, folder, extractor, ComputeDevice.CPU, recorder).run();
        }
    }
}
