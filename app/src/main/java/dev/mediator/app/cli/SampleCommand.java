package dev.mediator.app.cli;

import dev.mediator.generation.Generation;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.generation.Spent;
import dev.mediator.image.PngFile;
import dev.mediator.model.SitCheckpoint.Weights;
import dev.mediator.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sample}: makes pictures with a checkpoint. */
@Command(
        name = "sample",
        description = "Make pictures: one PNG each, a contact sheet, and a record of how they were made.",
        footer = {
            "",
            "The same command makes the same pictures. Started again after an interruption, it makes what is missing.",
            "",
            "Examples:",
            "  ./mediator sample",
            "  ./mediator sample --classes Sneaker,Bag --count 8 --seed 100 --guidance 2",
            "  ./mediator sample --sampler sde --points 250 --mediators 16 --out samples/sde"
        })
final class SampleCommand extends MediatorCommand {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "The checkpoint. Default: the weights that come with the program.")
    private @Nullable Path model;

    @Option(
            names = "--weights",
            paramLabel = "ema|model",
            description = "Which weights of a training's checkpoint. Default: ${DEFAULT-VALUE}.",
            defaultValue = "ema")
    private String weights = "ema";

    @Option(
            names = "--classes",
            paramLabel = "LIST",
            description = "Names or numbers of classes, separated by commas, or all. Default: ${DEFAULT-VALUE}.",
            defaultValue = "all")
    private String classes = "all";

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "Pictures per class. Default: ${DEFAULT-VALUE}.",
            defaultValue = "4")
    private int count;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description =
                    "Seed of each class's first picture; the next has the next number. Default: ${DEFAULT-VALUE}.",
            defaultValue = "0")
    private long seed;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description =
                    "Pictures made together; changes speed and memory, not the pictures. Default: ${DEFAULT-VALUE}.",
            defaultValue = "20")
    private int batch;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where to write. Default: a folder under samples/ named after model and settings.")
    private @Nullable Path out;

    @Mixin
    private SamplingOptions sampling;

    @Override
    protected Result run(Console console) throws IOException {
        requireAtLeastOne("--count", count);
        requireAtLeastOne("--batch", batch);
        DType dtype = common().requestedDtype().orElse(DType.F32);
        Path checkpoint = model != null ? model : ShippedWeights.find();
        try (ImageGenerator generator = ImageGenerator.open(checkpoint, parseWeights(), dtype)) {
            GenerationSettings settings = sampling.settings(generator.config());
            List<Integer> labels = ClassList.parse(classes, generator.classNames());
            SampleRecord record = SampleRecord.of(checkpoint, weights, generator, settings, dtype, labels, seed, count);
            SampleFolder folder = SampleFolder.open(out != null ? out : Path.of("samples", record.shortName()), record);
            long start = System.nanoTime();
            Spent spent = make(console, generator, settings, folder);
            double seconds = (System.nanoTime() - start) / 1e9;
            Path sheet = folder.writeContactSheet(record);
            report(console, folder, spent, seconds, sheet);
            return Result.ok(SampleAnswer.of(folder, spent, seconds, sheet));
        }
    }

    private Spent make(Console console, ImageGenerator generator, GenerationSettings settings, SampleFolder folder)
            throws IOException {
        List<SampleRecord.Image> missing = folder.missing();
        if (missing.isEmpty()) {
            console.note("all pictures are in " + folder.path() + " already");
            return Spent.NOTHING;
        }
        int batches = (missing.size() + batch - 1) / batch;
        long stepsPerBatch = settings.sampler().plannedSteps().orElse(1);
        Spent spent = Spent.NOTHING;
        try (Progress progress = console.progress("sampling", batches * stepsPerBatch, "steps")) {
            for (int first = 0; first < missing.size(); first += batch) {
                List<SampleRecord.Image> part = missing.subList(first, Math.min(first + batch, missing.size()));
                boolean counted = settings.sampler().plannedSteps().isPresent();
                Generation made = generator.generate(
                        part.stream()
                                .map(image -> new ImageRequest(image.label(), image.seed()))
                                .toList(),
                        settings,
                        step -> progress.step(counted ? 1 : 0));
                for (int i = 0; i < part.size(); i++) {
                    PngFile.write(folder.file(part.get(i)), made.pictures().get(i));
                }
                spent = spent.plus(made.spent());
                double rate = (first + part.size()) / progress.elapsedSeconds();
                progress.detail(String.format(
                        Locale.ROOT,
                        "%.2f images/s, %d evaluations, %.0f GFLOPs",
                        rate,
                        spent.evaluations(),
                        spent.gflops()));
                progress.step(counted ? 0 : 1);
            }
        }
        return spent;
    }

    private static void report(Console console, SampleFolder folder, Spent spent, double seconds, Path sheet) {
        console.say(String.format(
                Locale.ROOT,
                "%d pictures in %s, %.1f s, %d network evaluations, %.1f GFLOPs (%.1f at the largest setting)",
                folder.images().size(),
                folder.path(),
                seconds,
                spent.evaluations(),
                spent.gflops(),
                spent.gflopsFull()));
        console.say("contact sheet: " + sheet);
        console.say("record: " + folder.recordFile());
    }

    private Weights parseWeights() {
        return switch (weights) {
            case "ema" -> Weights.EMA;
            case "model" -> Weights.MODEL;
            default -> throw new IllegalArgumentException("--weights is '" + weights + "', allowed are ema and model");
        };
    }

    private static void requireAtLeastOne(String option, int value) {
        if (value < 1 || value > 1_000_000) {
            throw new IllegalArgumentException(option + " is " + value + ", allowed are 1 to 1000000");
        }
    }
}
