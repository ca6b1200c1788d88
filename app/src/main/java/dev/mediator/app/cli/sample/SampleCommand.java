package dev.mediator.app.cli.sample;

import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.option.ClassList;
import dev.mediator.app.cli.option.CodecOption;
import dev.mediator.app.cli.option.GenerationOptions;
import dev.mediator.app.cli.option.ShippedWeights;
import dev.mediator.app.cli.option.WeightsOption;
import dev.mediator.app.cli.option.WeightsPlace;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.Spent;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
            "  ./mediator sample --sampler sde --points 250 --mediators 16 --out samples/sde",
            "  ./mediator sample --schedule budget:0.9",
            "  ./mediator sample --sampler sde --schedule 'threshold:4,16,64@0.8,0.6;denoised'",
            "",
            "Schedules (the network must serve their counts):",
            "  static:16                          one mediator count for all steps",
            "  fixed:4@0.4,16@0.8,64              4 for the first 40 %% of the steps, 16 until 80 %%, then 64",
            "  threshold:4,16,64@0.8,0.6;mae      the paper's rule, decided for each picture: on to 16 when a step",
            "                                     leads less than 0.8 times as far as the first ones, to 64 at 0.6.",
            "                                     After ';' in any order: mae, mse or denoised (what is measured),",
            "                                     window=3 (how many first ones), batch (decide for a whole batch)",
            "  budget:0.7                         70 %% of the multiply-adds of a run at the largest setting"
        })
public final class SampleCommand extends MediatorCommand {
    private static final int MAX_IMAGES = 1_000_000;
    private static final int MAX_BATCH = 4096;

    @Option(
            names = "--model",
            paramLabel = "FILE",
            split = ",",
            description = "The checkpoint; several, if the stages of a schedule are networks of their own. Default: the"
                    + " weights that come with the program.")
    private List<Path> models = new ArrayList<>();

    @Option(
            names = "--weights",
            paramLabel = "ema|model",
            description = "Which weights of a training's checkpoint. Default: ${DEFAULT-VALUE}.",
            defaultValue = "ema")
    private String weights = "ema";

    @Mixin
    private WeightsPlace place = new WeightsPlace();

    @Mixin
    private CodecOption codec;

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

    @Option(
            names = "--npz",
            paramLabel = "FILE",
            description = "Write all pictures into one .npz file too, as ADM's evaluator reads it.")
    private @Nullable Path npz;

    @Mixin
    private GenerationOptions sampling;

    @Override
    protected String whenStopped() {
        return "stopped before the first picture; the same command makes them";
    }

    @Override
    protected String whenNotWritten() {
        return "what is made by now is kept; once it can be written, the same command makes the rest";
    }

    @Override
    protected Result run(Console console) throws IOException {
        requireWithin("--count", count, MAX_IMAGES);
        requireWithin("--batch", batch, MAX_BATCH);
        if (npz != null) {
            SampleNpz.requireWritable(npz);
            lockFile(npz);
        }
        Placement placement = common().placement();
        sampling.requireUsable(placement.device());
        List<Path> checkpoints = models.isEmpty() ? List.of(ShippedWeights.find()) : models;
        try (ImageGenerator generator =
                ImageGenerator.open(checkpoints, place.of(WeightsOption.parse(weights)), placement, codec.folder())) {
            codec.warnOfAnother(console, checkpoints.get(0), place.of(WeightsOption.parse(weights)), generator.codec());
            sampling.prepare(generator);
            GenerationSettings settings = sampling.settings(generator, console);
            RunPlan plan = generator.plan(settings);
            SampleRecord record = record(checkpoints, generator, settings, plan, placement.dtype());
            try (SampleFolder folder =
                    out != null ? SampleFolder.open(out, record) : SampleFolder.named(Path.of("samples"), record)) {
                long start = System.nanoTime();
                Spent spent = new SampleRun(console, generator, plan, folder, batch).make();
                double seconds = (System.nanoTime() - start) / 1e9;
                SampleFolder.Finished finished = folder.finish();
                if (npz != null) {
                    SampleNpz.write(npz, folder, console);
                }
                report(console, folder, finished, spent, seconds);
                if (npz != null) {
                    console.say("npz: " + npz);
                }
                return Result.ok(SampleAnswer.of(folder, finished, npz, spent, seconds));
            }
        }
    }

    private SampleRecord record(
            List<Path> checkpoints, ImageGenerator generator, GenerationSettings settings, RunPlan plan, DType dtype)
            throws IOException {
        List<Integer> labels = ClassList.parse(classes, generator.classNames());
        if ((long) labels.size() * count > MAX_IMAGES) {
            throw new IllegalArgumentException("--count is " + count + " for " + labels.size()
                    + " classes, allowed are " + MAX_IMAGES + " pictures at a time");
        }
        if (seed > Long.MAX_VALUE - (count - 1)) {
            throw new IllegalArgumentException("--seed is " + seed + " with --count " + count + ", allowed is at most "
                    + (Long.MAX_VALUE - (count - 1)));
        }
        List<SampleRecord.Checkpoint> described = new ArrayList<>();
        for (Path checkpoint : checkpoints) {
            described.add(SampleRecord.Checkpoint.of(checkpoint));
        }
        return new SampleRecord(
                described,
                place.name(WeightsOption.word(weights)),
                CodecOption.fingerprint(generator.codec()),
                dtype.name(),
                settings,
                settings.sampler().summary(),
                plan.schedule().toString(),
                SampleRecord.images(labels, generator.classNames(), seed, count));
    }

    private static void report(
            Console console, SampleFolder folder, SampleFolder.Finished finished, Spent spent, double seconds) {
        console.say(String.format(
                Locale.ROOT,
                "%d pictures in %s, %.1f s, %d network evaluations, %.1f GFLOPs (%.1f at the largest setting)",
                folder.images().size(),
                folder.path(),
                seconds,
                spent.evaluations(),
                spent.gflops(),
                spent.gflopsFull()));
        console.say("contact sheet: " + finished.contactSheet());
        if (finished.stages() != null) {
            console.say("stages of " + finished.record().schedule() + ": " + finished.stages());
        }
        console.say("record: " + folder.recordFile());
    }

    private static void requireWithin(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(option + " is " + value + ", allowed are 1 to " + most);
        }
    }
}
