package dev.mediator.app.cli.analyze;

import dev.mediator.analysis.AttentionPictures;
import dev.mediator.analysis.AttentionSnapshot;
import dev.mediator.analysis.AttentionSnapshot.Choice;
import dev.mediator.analysis.AttentionStudy;
import dev.mediator.analysis.LayerAttention;
import dev.mediator.analysis.Token;
import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.app.cli.option.ClassList;
import dev.mediator.app.cli.option.CodecOption;
import dev.mediator.app.cli.option.MediatorsOption;
import dev.mediator.app.cli.option.ModelOptions;
import dev.mediator.app.cli.option.SamplerOptions;
import dev.mediator.app.cli.report.AnalysisFolder;
import dev.mediator.app.cli.report.AnalysisSubject;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.model.SitConfig;
import dev.mediator.sampling.SamplerStep;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code analyze attention}: pictures of what chosen tokens attend to. */
@Command(
        name = "attention",
        description = "Draw what chosen tokens attend to while a picture is made, a sheet per layer.",
        footer = {
            "",
            "Where trajectories are guided, the pass with the class is looked at. docs/redundancy.md tells more.",
            "",
            "Examples:",
            "  ./mediator analyze attention",
            "  ./mediator analyze attention --class Bag --t 0.2 --layers 0,5 --queries 8:8,3:12 --mediators full"
        })
public final class AnalyzeAttentionCommand extends MediatorCommand {
    private static final double DEFAULT_T = 0.5;

    @Mixin
    private ModelOptions model;

    @Mixin
    private CodecOption codec;

    @Option(
            names = "--class",
            paramLabel = "NAME",
            description = "Name or number of the class. Default: the first one.",
            defaultValue = "0")
    private String className = "0";

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the picture. Default: ${DEFAULT-VALUE}.",
            defaultValue = "0")
    private long seed;

    @Option(names = "--step", paramLabel = "K", description = "Look at the start of this step, counted from 0.")
    private @Nullable Integer step;

    @Option(
            names = "--t",
            paramLabel = "T",
            description =
                    "Look at the step that starts nearest to this time, 0 noise to 1 data. Default: " + DEFAULT_T + ".")
    private @Nullable Double t;

    @Option(
            names = "--layers",
            paramLabel = "LIST",
            description = "Numbers of layers, counted from 0, or all. Default: ${DEFAULT-VALUE}.",
            defaultValue = "all")
    private String layers = "all";

    @Option(
            names = "--heads",
            paramLabel = "LIST",
            description = "Numbers of heads, counted from 0, or all. Default: ${DEFAULT-VALUE}.",
            defaultValue = "all")
    private String heads = "all";

    @Option(
            names = "--queries",
            paramLabel = "LIST",
            description =
                    "Tokens as row:column of their grid, counted from 0, such as 8:8,3:12. Default: three of them.")
    private @Nullable String queries;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where to write. Default: a folder under analysis/ named after model and settings.")
    private @Nullable Path out;

    @Mixin
    private MediatorsOption mediators;

    @Mixin
    private SamplerOptions sampling;

    @Override
    protected Result run(Console console) throws IOException {
        Placement placement = common().placement();
        DType dtype = placement.dtype();
        Path checkpoint = model.file();
        try (ImageGenerator generator =
                ImageGenerator.open(List.of(checkpoint), model.weights(), placement, codec.folder())) {
            codec.warnOfAnother(console, checkpoint, model.weights(), generator.codec());
            SitConfig config = generator.config();
            int label = ClassList.parseOne(className, generator.classNames());
            AnalysisSubject subject = AnalysisSubject.of(
                    checkpoint,
                    model.weightsName(),
                    CodecOption.fingerprint(generator.codec()),
                    dtype,
                    new GenerationSettings(
                            sampling.config(),
                            sampling.guidance(generator.labels(), console),
                            mediators.schedule(config.mediators(), config.largestMediators())),
                    List.of(new AnalysisSubject.Sample(
                            label, generator.classNames().get(label), seed)));
            AttentionStudy study = subject.study(generator);
            Choice choice = new Choice(
                    numbers("--layers", layers, config.depth()),
                    numbers("--heads", heads, config.heads()),
                    tokens(config.grid()));
            AnalysisFolder folder = AnalysisFolder.open(out, "attention", subject, choice, step + "," + t);
            lockFolder(folder.path());
            AttentionSnapshot snapshot = take(console, study, subject, choice);
            AttentionReport report = AttentionReport.of(subject, snapshot, choice);
            write(folder, new AttentionPictures(snapshot, choice, config.grid(), headline(subject)), report);
            console.say(String.format(
                    Locale.ROOT, "%s, step %d, t = %.3f", headline(subject), snapshot.step(), snapshot.t()));
            folder.files().forEach(console::say);
            return Result.ok(new AttentionReport.Answer(report, folder.files()));
        }
    }

    private AttentionSnapshot take(Console console, AttentionStudy study, AnalysisSubject subject, Choice choice) {
        Predicate<SamplerStep> when = when(study);
        try (Progress progress = console.progress("sampling", study.steps(), "steps")) {
            return AttentionSnapshot.take(
                    study, subject.requests().get(0), when, choice, (at, soFar) -> progress.step(1));
        }
    }

    private Predicate<SamplerStep> when(AttentionStudy study) {
        if (step != null && t != null) {
            throw new IllegalArgumentException("--step is " + step + " and --t is " + t + ", allowed is one of them");
        }
        return step != null ? study.atStep(step) : study.fromNearest(t != null ? t : DEFAULT_T);
    }

    private static List<Integer> numbers(String option, String text, int count) {
        if (text.strip().equalsIgnoreCase("all")) {
            return IntStream.range(0, count).boxed().toList();
        }
        try {
            List<Integer> numbers = Arrays.stream(text.split(",", -1))
                    .map(part -> Integer.parseInt(part.strip()))
                    .distinct()
                    .toList();
            if (numbers.stream().allMatch(number -> number >= 0 && number < count)) {
                return numbers;
            }
        } catch (NumberFormatException e) {
            // the message below names the text
        }
        throw new IllegalArgumentException(
                option + " is '" + text + "', allowed are 0 to " + (count - 1) + " with commas between, and all");
    }

    /** Those that were asked for; else the middle of the picture, and two places above and below. */
    private List<Token> tokens(int grid) {
        if (queries == null) {
            return List.of(
                    new Token(grid / 2, grid / 2), new Token(grid / 4, grid / 2), new Token(3 * grid / 4, grid / 4));
        }
        List<Token> tokens = new ArrayList<>();
        for (String part : queries.split(",", -1)) {
            tokens.add(token(part.strip()));
        }
        tokens.forEach(token -> token.index(grid)); // checks that it is there
        return tokens;
    }

    private Token token(String text) {
        String[] parts = text.split(":", -1);
        try {
            if (parts.length == 2) {
                return new Token(Integer.parseInt(parts[0].strip()), Integer.parseInt(parts[1].strip()));
            }
        } catch (NumberFormatException e) {
            // the message below names the text
        }
        throw new IllegalArgumentException(
                "--queries is '" + queries + "', expected are tokens as row:column, such as 8:8,3:12");
    }

    private static void write(AnalysisFolder folder, AttentionPictures pictures, AttentionReport report)
            throws IOException {
        for (LayerAttention layer : pictures.snapshot().layers()) {
            folder.write(String.format(Locale.ROOT, "layer-%02d.png", layer.layer()), pictures.queries(layer));
            if (!layer.mediators().isEmpty()) {
                folder.write(
                        String.format(Locale.ROOT, "layer-%02d-mediators.png", layer.layer()),
                        pictures.mediators(layer));
            }
        }
        folder.writeJson("attention.json", report);
    }

    private static String headline(AnalysisSubject subject) {
        AnalysisSubject.Sample sample = subject.samples().get(0);
        return sample.className() + ", seed " + sample.seed() + ", " + subject.shortName();
    }
}
