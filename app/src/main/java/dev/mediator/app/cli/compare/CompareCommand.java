package dev.mediator.app.cli.compare;

import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.evaluate.ExtractorOptions;
import dev.mediator.app.cli.evaluate.PreparationOptions;
import dev.mediator.app.cli.evaluate.Reference;
import dev.mediator.app.cli.evaluate.ReferenceOptions;
import dev.mediator.app.cli.evaluate.ScoreOptions;
import dev.mediator.app.cli.option.DistinctNames;
import dev.mediator.app.cli.option.SamplerOptions;
import dev.mediator.app.cli.option.ShippedWeights;
import dev.mediator.app.cli.option.WeightsPlace;
import dev.mediator.app.cli.report.AnalysisFolder;
import dev.mediator.app.cli.report.CalibrationOptions;
import dev.mediator.app.cli.sample.SampleFolder;
import dev.mediator.app.cli.sample.SampleFolderReader;
import dev.mediator.evaluation.EvaluationConfig;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.ImagePreparation;
import dev.mediator.generation.ImageRequest;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code compare}: the same images, made in different ways. */
@Command(
        name = "compare",
        description =
                "Compare images of the same classes and seeds that were made in different ways: a picture of pairs,"
                        + " distances, costs, and scores if there is a reference.",
        footer = {
            "",
            "A run is a folder that sample has filled, or a checkpoint, which makes the",
            "images now: those that the folders have in common, or those of --classes,",
            "--count and --seed. Distances are to the first run.",
            "",
            "Examples:",
            "  ./mediator compare samples/ode samples/sde",
            "  ./mediator compare --schedule static:64 --schedule static:4",
            "  ./mediator compare runs/a/model.safetensors runs/b/model.safetensors \\",
            "      --count 100 --reference fashion.safetensors"
        })
public final class CompareCommand extends MediatorCommand {
    private static final int DEFAULT_COUNT = 20;
    private static final int MAX_ROWS = 100;

    @Parameters(arity = "0..*", paramLabel = "RUN", description = "Folders of sample, and checkpoints.")
    private List<Path> runs = new ArrayList<>();

    @Option(
            names = "--schedule",
            paramLabel = "TEXT|FILE.json",
            description =
                    "A schedule to run each checkpoint with, as sample takes it; may be given several times. Without"
                            + " a checkpoint the weights that come with the program. Default: the largest count.")
    private List<String> schedules = new ArrayList<>();

    @Option(
            names = "--model-weights",
            paramLabel = "ema|model",
            description = "Which weights of a training's checkpoint. Default: ${DEFAULT-VALUE}.",
            defaultValue = "ema")
    private String weights = "ema";

    @Mixin
    private WeightsPlace place = new WeightsPlace();

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "Images to compare. Default: all that the folders have in common, " + DEFAULT_COUNT
                    + " without folders.")
    private @Nullable Integer count;

    @Option(
            names = "--rows",
            paramLabel = "N",
            description = "Images in the picture. Default: ${DEFAULT-VALUE}.",
            defaultValue = "10")
    private int rows;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where to write. Default: a folder under analysis/ named after the settings.")
    private @Nullable Path out;

    @Mixin
    private CalibrationOptions images;

    @Mixin
    private ReferenceOptions reference;

    @Mixin
    private ExtractorOptions extractors;

    @Mixin
    private PreparationOptions preparing;

    @Mixin
    private ScoreOptions scoring;

    @Mixin
    private SamplerOptions sampling;

    @Override
    protected Result run(Console console) throws IOException {
        requireWithin("--rows", rows, MAX_ROWS);
        if (count != null) {
            requireWithin("--count", count, CalibrationOptions.MAX_IMAGES);
        }
        List<ComparedRun> folders = new ArrayList<>();
        List<Path> checkpoints = new ArrayList<>();
        sort(folders, checkpoints);
        if (!reference.isGiven()) {
            return compare(console, folders, checkpoints, null);
        }
        try (FeatureExtractor extractor = extractors.open(common().device());
                Scope scope = Scope.open();
                Reference opened = reference.open(console, extractor, preparing)) {
            EvaluationConfig config = scoring.config();
            ImagePreparation preparation = preparing.preparation();
            return compare(
                    console, folders, checkpoints, new RunScorer(console, extractor, opened, preparation, config));
        }
    }

    private void sort(List<ComparedRun> folders, List<Path> checkpoints) throws IOException {
        List<SampleFolderReader> sampled = new ArrayList<>();
        for (Path run : runs) {
            if (!Files.exists(run)) {
                throw new NoSuchFileException(run.toString(), null, "does not exist");
            } else if (!Files.isDirectory(run)) {
                checkpoints.add(run);
            } else if (SampleFolderReader.isOne(run)) {
                sampled.add(SampleFolderReader.read(run));
            } else {
                throw new IOException(run + " has no " + SampleFolder.RECORD
                        + ": only folders that sample has filled tell which pictures belong together");
            }
        }
        List<String> names = DistinctNames.ofFiles(
                sampled.stream().map(SampleFolderReader::path).toList());
        sampled.forEach(folder -> folders.add(ComparedRun.of(folder, names.get(folders.size()))));
        if (checkpoints.isEmpty() && !schedules.isEmpty()) {
            checkpoints.add(ShippedWeights.find());
        }
        if (checkpoints.isEmpty()) {
            place.refuse("only folders are compared, and no checkpoint");
        }
        int compared = folders.size() + checkpoints.size() * Math.max(1, schedules.size());
        if (compared < 2) {
            throw new IllegalArgumentException("there is " + (compared == 0 ? "nothing" : "one run")
                    + " to compare, expected are two runs or more: folders of sample, checkpoints, schedules");
        }
    }

    private Result compare(
            Console console, List<ComparedRun> folders, List<Path> checkpoints, @Nullable RunScorer scorer)
            throws IOException {
        Map<ImageRequest, String> wanted = folders.isEmpty() ? new LinkedHashMap<>() : common(folders);
        List<ComparedRun> all = new ArrayList<>(folders);
        List<String> names = DistinctNames.ofFiles(checkpoints);
        for (int i = 0; i < checkpoints.size(); i++) {
            Placement placement = common().placement();
            String name = checkpoints.size() > 1 ? names.get(i).replaceFirst("\\.safetensors\\b", "") : "";
            try (RunMaker maker = RunMaker.open(console, checkpoints.get(i), weights, place, placement, name)) {
                if (wanted.isEmpty()) {
                    int most = count != null ? count : DEFAULT_COUNT;
                    images.images(most, maker.classNames())
                            .forEach(image -> wanted.put(image.request(), image.className()));
                }
                all.addAll(maker.make(wanted, schedules, sampling, images.batch()));
            }
        }
        RunComparison comparison = RunComparison.of(all, wanted, scorer);
        AnalysisFolder folder = AnalysisFolder.named(out, "comparison", comparison.settings());
        lockFolder(folder.path());
        comparison.write(folder, rows);
        comparison.lines().forEach(console::say);
        folder.files().forEach(console::say);
        return Result.ok(comparison.answer(folder));
    }

    /** In the order of the first folder. */
    private Map<ImageRequest, String> common(List<ComparedRun> folders) throws IOException {
        Map<ImageRequest, String> common = new LinkedHashMap<>();
        folders.get(0).images().forEach((image, className) -> {
            if (folders.stream().allMatch(run -> run.images().containsKey(image))
                    && (count == null || common.size() < count)) {
                common.put(image, className);
            }
        });
        if (common.isEmpty()) {
            throw new IOException(folders.get(0).name() + " and the other folders have no picture of the same class and"
                    + " seed in common");
        }
        return common;
    }

    private static void requireWithin(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(option + " is " + value + ", allowed are 1 to " + most);
        }
    }
}
