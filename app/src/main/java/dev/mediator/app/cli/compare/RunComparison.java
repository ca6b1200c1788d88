package dev.mediator.app.cli.compare;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.app.cli.command.Version;
import dev.mediator.app.cli.evaluate.EvaluationAnswer;
import dev.mediator.app.cli.option.DistinctNames;
import dev.mediator.app.cli.report.AnalysisFolder;
import dev.mediator.app.cli.report.AnalysisSubject;
import dev.mediator.evaluation.Scores;
import dev.mediator.generation.ImageRequest;
import dev.mediator.image.ContactSheet;
import dev.mediator.image.Picture;
import dev.mediator.tuning.Average;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs side by side: the files {@code comparison.json}, {@code comparison.md} and {@code comparison.png}. */
public final class RunComparison {
    private static final int LONGEST_NAME = 12; // wider ones do not fit above a picture

    private final List<ComparedRun> runs;
    private final Map<ImageRequest, String> images;
    private final RunScorer.@Nullable Settings scoring;
    private final List<Row> rows;

    /**
     * One run.
     *
     * @param letter A, B, …, Z, AA, …
     * @param name of the run, which no other has
     * @param gflops multiply-adds per image in 10⁹, if they are known
     * @param distance to the image of the first run: the root of the mean squared difference of its samples, of 255
     * @param psnr peak signal-to-noise ratio to the first run in dB, from the mean of all squared differences; not there if
     *     all images are the same
     * @param median of these distances
     * @param largest of them
     * @param furthest the image it belongs to: class and seed
     * @param scores against the reference, if there is one
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Row(
            String letter,
            String name,
            @Nullable Double gflops,
            Average distance,
            @Nullable Double psnr,
            double median,
            double largest,
            String furthest,
            @Nullable EvaluationAnswer scores) {}

    /** What {@code comparison.json} holds. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Report(String program, Settings settings, List<Row> runs) {}

    /** What decides a comparison. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Settings(List<Object> runs, List<AnalysisSubject.Sample> images, RunScorer.@Nullable Settings scoring) {}

    /** What {@code --json} prints. */
    public record Answer(int images, List<Row> runs, List<String> files) {}

    private RunComparison(
            List<ComparedRun> runs,
            Map<ImageRequest, String> images,
            RunScorer.@Nullable Settings scoring,
            List<Row> rows) {
        this.runs = runs;
        this.images = images;
        this.scoring = scoring;
        this.rows = rows;
    }

    /**
     * Compares.
     *
     * @param images that all runs have
     * @param scorer null without a reference
     * @throws IOException if a picture cannot be read, or has another size or colour than that of the first run
     */
    static RunComparison of(List<ComparedRun> runs, Map<ImageRequest, String> images, @Nullable RunScorer scorer)
            throws IOException {
        List<Row> rows = new ArrayList<>();
        List<String> names =
                DistinctNames.numbered(runs.stream().map(ComparedRun::name).toList());
        for (int i = 0; i < runs.size(); i++) {
            Scores scores = scorer == null ? null : scorer.score(runs.get(i), images);
            rows.add(row(DistinctNames.letters(i), names.get(i), runs.get(i), runs.get(0), images, scores));
        }
        return new RunComparison(runs, images, scorer == null ? null : scorer.settings(), rows);
    }

    private static Row row(
            String letter,
            String name,
            ComparedRun run,
            ComparedRun first,
            Map<ImageRequest, String> images,
            @Nullable Scores scores)
            throws IOException {
        List<ImageRequest> order = List.copyOf(images.keySet());
        double[] distances = new double[order.size()];
        int furthest = 0;
        for (int i = 0; i < distances.length; i++) {
            distances[i] = distance(run, first, order.get(i));
            furthest = distances[i] > distances[furthest] ? i : furthest;
        }
        double[] sorted = distances.clone();
        Arrays.sort(sorted);
        double gflops = order.stream().mapToDouble(run::gflops).average().orElse(Double.NaN);
        return new Row(
                letter,
                name,
                Double.isNaN(gflops) ? null : gflops,
                Average.of(distances),
                psnr(distances),
                (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2,
                distances[furthest],
                images.get(order.get(furthest)) + " " + order.get(furthest).seed(),
                scores == null ? null : EvaluationAnswer.of(scores, null, null));
    }

    /** @param distances root of the mean squared difference, of 255, of images of one size */
    private static @Nullable Double psnr(double[] distances) {
        double squared = Arrays.stream(distances).map(d -> d * d).average().orElse(0);
        return squared == 0 ? null : 10 * Math.log10(255 * 255 / squared);
    }

    private static double distance(ComparedRun run, ComparedRun first, ImageRequest image) throws IOException {
        Picture a = run.picture(image);
        Picture b = first.picture(image);
        if (a.width() != b.width() || a.height() != b.height() || a.channels() != b.channels()) {
            throw new IOException("the pictures of " + run.name() + " have " + size(a) + ", those of " + first.name()
                    + " " + size(b) + ": they cannot be compared");
        }
        byte[] samples = a.samples();
        byte[] others = b.samples();
        double squares = 0;
        for (int i = 0; i < samples.length; i++) {
            int difference = Byte.toUnsignedInt(samples[i]) - Byte.toUnsignedInt(others[i]);
            squares += (double) difference * difference;
        }
        return Math.sqrt(squares / samples.length);
    }

    private static String size(Picture picture) {
        return picture.width() + "×" + picture.height() + " pixels and " + picture.channels()
                + (picture.channels() == 1 ? " channel" : " channels");
    }

    Settings settings() {
        List<AnalysisSubject.Sample> samples = new ArrayList<>();
        images.forEach((image, name) -> samples.add(new AnalysisSubject.Sample(image.label(), name, image.seed())));
        return new Settings(runs.stream().map(ComparedRun::description).toList(), samples, scoring);
    }

    Answer answer(AnalysisFolder folder) {
        return new Answer(images.size(), rows, folder.files());
    }

    /**
     * Writes the files.
     *
     * @param pictures images in the picture, at most
     */
    void write(AnalysisFolder folder, int pictures) throws IOException {
        folder.writeJson("comparison.json", new Report(new Version().getVersion()[0], settings(), rows));
        folder.write("comparison.md", String.join("\n", lines()) + "\n");
        folder.write("comparison.png", draw(pictures));
    }

    /** The table in Markdown. */
    List<String> lines() {
        boolean scored = scoring != null;
        List<String> lines = new ArrayList<>();
        lines.add(images.size() + " images; distances are to those of A: root of the mean squared difference, of 255");
        lines.add("");
        String fd = scoring == null ? "" : scoring.extractor().distanceName();
        lines.add("| | run | GFLOPs per image | distance | PSNR | median | largest |"
                + (scored ? " " + fd + " | precision | recall | class agreement |" : ""));
        lines.add("|---|---|---|---|---|---|---|" + (scored ? "---|---|---|---|" : ""));
        for (Row row : rows) {
            lines.add(String.format(
                            Locale.ROOT,
                            "| %s | `%s` | %s | %.2f ± %.2f | %s | %.2f | %.2f (%s) |",
                            row.letter(),
                            row.name(),
                            number("%.2f", row.gflops()),
                            row.distance().mean(),
                            row.distance().standardError(),
                            number("%.1f dB", row.psnr()),
                            row.median(),
                            row.largest(),
                            row.furthest())
                    + scores(row.scores()));
        }
        lines.add("");
        return lines;
    }

    private static String scores(@Nullable EvaluationAnswer scores) {
        return scores == null
                ? ""
                : " " + number("%.4f", scores.fd()) + " | " + number("%.4f", scores.precision()) + " | "
                        + number("%.4f", scores.recall()) + " | " + number("%.4f", scores.classAgreement()) + " |";
    }

    private static String number(String format, @Nullable Double value) {
        return value == null ? "" : String.format(Locale.ROOT, format, value);
    }

    /** A row per image, classes taking turns; a column per run. */
    private Picture draw(int most) throws IOException {
        boolean letters = rows.stream().anyMatch(row -> row.name().length() > LONGEST_NAME);
        List<ContactSheet.Row> sheet = new ArrayList<>();
        for (ImageRequest image : inTurn(most)) {
            List<Picture> pictures = new ArrayList<>();
            for (ComparedRun run : runs) {
                pictures.add(run.picture(image));
            }
            sheet.add(new ContactSheet.Row(images.get(image) + " " + image.seed(), pictures));
        }
        List<String> names =
                rows.stream().map(letters ? Row::letter : Row::name).toList();
        String legend = String.join(
                "   ",
                rows.stream()
                        .map(row -> (letters ? row.letter() + " " : "")
                                + row.name()
                                + String.format(
                                        Locale.ROOT, ": %.1f", row.distance().mean()))
                        .toList());
        return new ContactSheet("The same seeds", "mean distance to the first, of 255:   " + legend, names, sheet)
                .draw();
    }

    private List<ImageRequest> inTurn(int most) {
        Map<Integer, List<ImageRequest>> classes = new LinkedHashMap<>();
        images.keySet().forEach(image -> classes.computeIfAbsent(image.label(), label -> new ArrayList<>())
                .add(image));
        List<ImageRequest> chosen = new ArrayList<>();
        for (int turn = 0; chosen.size() < Math.min(most, images.size()); turn++) {
            for (List<ImageRequest> ofClass : classes.values()) {
                if (turn < ofClass.size() && chosen.size() < most) {
                    chosen.add(ofClass.get(turn));
                }
            }
        }
        return chosen;
    }
}
