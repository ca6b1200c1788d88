package dev.mediator.app.cli.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.evaluation.FeatureCollector;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.FeatureSet;
import dev.mediator.evaluation.ImagePreparation;
import dev.mediator.evaluation.ReferenceFile;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code make-reference}: features of real images, for samples to be compared with. */
@Command(
        name = "make-reference",
        description = "Extract the features of images once, for evaluate to compare samples with.",
        footer = {
            "",
            "Images are a folder of pictures (flat, or a folder per class), a .npz batch, or",
            "the images of an IDX data set.",
            "",
            "Examples:",
            "  ./mediator make-reference train-images-idx3-ubyte.gz --limit 10000 \\",
            "      --out fashion.safetensors",
            "  ./mediator make-reference imagenet/val --size 256 --extractor inception \\",
            "      --weights inception.safetensors --out imagenet.safetensors"
        })
public final class MakeReferenceCommand extends MediatorCommand {
    @Parameters(paramLabel = "DIR|FILE", description = "The images.")
    private Path images = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "FILE",
            required = true,
            description = "Where the reference goes, as safetensors; replaced if it exists.")
    private Path out = Path.of("");

    @Option(names = "--limit", paramLabel = "N", description = "Take the first N images only. Default: all.")
    private int limit = Integer.MAX_VALUE;

    @Option(
            names = "--no-features",
            description = "Keep statistics only: a small file, but without precision, recall and kernel distance.")
    private boolean noFeatures;

    @Mixin
    private ExtractorOptions extractors;

    @Mixin
    private PreparationOptions preparing;

    /** What {@code --json} prints. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Answer(
            String file,
            String extractor,
            String weightsSha256,
            long images,
            @Nullable Integer skipped,
            boolean features,
            double seconds) {}

    @Override
    protected Result run(Console console) throws IOException {
        if (limit < 2) {
            throw new IllegalArgumentException("--limit is " + limit + ", allowed is 2 or more");
        }
        if (Files.isDirectory(out)) {
            throw new IOException(out + " is a folder, --out names a file");
        }
        if (common().requestedDtype().isPresent()) {
            throw new IllegalArgumentException("--dtype has no meaning here: features are always computed in fp32");
        }
        ImagePreparation preparation = preparing.preparation();
        lockFile(out);
        long start = System.nanoTime();
        StoredImages source =
                StoredImages.of(images, preparing.skipUnreadable()).first(limit);
        try (FeatureExtractor extractor = extractors.open(common().device());
                Scope scope = Scope.open();
                FeatureCollector collector =
                        new FeatureCollector(extractor, source.count(), !noFeatures, preparation)) {
            source.collect(console, collector, "features");
            FeatureSet collected = collector.collected();
            if (collected.count() < 2) {
                throw new IOException(
                        images + " holds one image, a reference needs 2 or more: a single one has no covariance");
            }
            ReferenceFile.write(out, collected, describe(source, preparation));
            return answer(console, extractor, source, collected, (System.nanoTime() - start) * 1e-9);
        } catch (CancellationException e) {
            console.stopped("stopped, nothing is written");
            throw e;
        }
    }

    private String describe(StoredImages source, ImagePreparation preparation) throws IOException {
        Integer skipped = source.description().skippedCount();
        String name = images.toAbsolutePath().normalize().getFileName() + ", " + source.count() + " images"
                + (skipped == null ? "" : " without " + skipped + " unreadable ones");
        return name
                + (preparation.size() == 0 ? "" : ", centre crop " + preparation.size())
                + (preparation.channels() == 0 ? "" : ", " + preparation.channels() + " channels");
    }

    private Result answer(
            Console console, FeatureExtractor extractor, StoredImages source, FeatureSet collected, double seconds) {
        collected.warnings().forEach(warning -> console.note("warning: " + warning.text()));
        console.say(String.format(
                Locale.ROOT,
                "%d images, %s, %.1f s",
                collected.count(),
                extractor.description().label(),
                seconds));
        console.say("reference: " + out);
        return Result.ok(new Answer(
                out.toString(),
                extractor.description().name(),
                extractor.description().weightsSha256(),
                collected.count(),
                source.description().skippedCount(),
                collected.features() != null,
                seconds));
    }
}
