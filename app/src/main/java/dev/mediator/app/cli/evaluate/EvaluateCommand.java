package dev.mediator.app.cli.evaluate;

import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.report.AnalysisFolder;
import dev.mediator.evaluation.EvaluationConfig;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.ImagePreparation;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code evaluate}: scores samples, or what a network makes, against a reference. */
@Command(
        name = "evaluate",
        description =
                "Score samples against a reference: Fréchet distance, inception score, precision and recall, kernel"
                        + " distance, class agreement, and on demand the nearest training images.",
        footer = {
            "",
            "Images are a folder of pictures (one that sample has filled, flat, or a folder",
            "per class), a .npz batch, or the images of an IDX data set. docs/evaluation.md",
            "tells what each score means, and what it needs.",
            "",
            "Examples:",
            "  ./mediator evaluate --samples samples/mine --reference fashion.safetensors",
            "  ./mediator evaluate --model models/fashion-mnist.safetensors --count 2000 \\",
            "      --schedule budget:0.9 --reference fashion.safetensors",
            "  ./mediator evaluate --samples batch.npz --extractor inception \\",
            "      --weights inception.safetensors --reference imagenet256_labeled.npz"
        })
public final class EvaluateCommand extends MediatorCommand {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--samples",
            paramLabel = "DIR|FILE",
            description = "Score these images. Or name a network with --model.")
    private @Nullable Path samples;

    @Mixin
    private ReferenceOptions reference;

    @Mixin
    private ExtractorOptions extractors;

    @Mixin
    private PreparationOptions preparing;

    @Mixin
    private ScoreOptions scoring;

    @Mixin
    private NearestOptions nearest;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Where to write the record. Default: a folder under analysis/ named after samples and settings.")
    private @Nullable Path out;

    @Mixin
    private ModelImagesOptions model;

    @Override
    protected Result run(Console console) throws IOException {
        requireOneSubject();
        EvaluationConfig config = scoring.config();
        ImagePreparation preparation = preparing.preparation();
        Optional<NearestSettings> nearestSettings = nearest.settings(preparing.skipUnreadable());
        long start = System.nanoTime();
        try (FeatureExtractor extractor = extractors.open(common().device());
                ScoredImages scored = subject(console);
                Scope scope = Scope.open();
                Reference compared = reference.open(console, extractor, preparing)) {
            EvaluationRecord.Settings settings = new EvaluationRecord.Settings(
                    scored.description(),
                    compared.description(),
                    extractor.description(),
                    preparation,
                    config,
                    nearestSettings.map(NearestSettings::description).orElse(null));
            AnalysisFolder folder = AnalysisFolder.named(out, scored.shortName() + "-evaluation", settings);
            lockFolder(folder.path());
            NearestSearch search = nearestSettings
                    .map(s -> new NearestSearch(console, s, extractor, preparation))
                    .orElse(null);
            return new EvaluationRun(console, extractor, scored, compared.features(), search)
                    .run(settings, folder, start);
        } catch (CancellationException e) {
            console.stopped("stopped, nothing is written"
                    + (samples == null ? "; what sample makes stays, and --samples scores it" : ""));
            throw e;
        }
    }

    private void requireOneSubject() {
        if ((samples == null) != model.isGiven()) {
            throw new IllegalArgumentException(
                    samples == null
                            ? "--samples or --model is missing: what is scored?"
                            : "--samples and --model are both given, allowed is one of them");
        }
        if (samples == null) {
            return;
        }
        CommandSpec ofModel = CommandSpec.forAnnotatedObject(new ModelImagesOptions());
        for (OptionSpec given : spec.commandLine().getParseResult().matchedOptions()) {
            if (ofModel.findOption(given.longestName()) != null) {
                throw new IllegalArgumentException(
                        given.longestName() + " belongs to --model, but --samples names images that are there");
            }
        }
        if (common().requestedDtype().isPresent()) {
            throw new IllegalArgumentException("--dtype belongs to --model: features are always computed in fp32");
        }
    }

    private ScoredImages subject(Console console) throws IOException {
        return samples != null
                ? StoredImages.of(samples, preparing.skipUnreadable())
                : model.open(common().placement(), console);
    }
}
