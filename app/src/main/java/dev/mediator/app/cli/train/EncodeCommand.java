package dev.mediator.app.cli.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.data.LatentDescription;
import dev.mediator.training.ConfigTree;
import dev.mediator.training.LatentEncoder;
import dev.mediator.training.TrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code encode}: stores the latents of a data set. */
@Command(
        name = "encode",
        description = {
            "Encode a data set once, so that trainings need neither the images nor the encoder.",
            "Started again after an interruption, it makes the files that are missing."
        },
        footer = {
            "",
            "Example:",
            "  ./mediator encode configs/fashion-latent.json --out runs/latents",
            "  ./mediator train configs/fashion-latent.json --set latents=runs/latents"
        })
public final class EncodeCommand extends MediatorCommand {
    @Parameters(
            paramLabel = "CONFIG.json",
            description = "The configuration of the training that is to use them: its 'codec' and 'data' count.")
    private Path configFile = Path.of("");

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Set a field of the configuration, such as codec=DIR or data.flip=true; repeatable.")
    private List<String> assignments = List.of();

    @Option(
            names = "--skip-unreadable",
            description =
                    "Leave out images that cannot be read, and tell how many; short for data.skipUnreadable=true.")
    private boolean skipUnreadable;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where to write. Default: a folder under latents/ named after the configuration and a hash of"
                    + " codec, images and crop.")
    private @Nullable Path out;

    /**
     * What {@code --json} prints.
     *
     * @param folder what {@code latents} of a training's configuration names
     * @param images images encoded
     * @param skipped images that cannot be read and were left out; null for none
     * @param flips variants of each: 2 with mirrored ones
     * @param latentShape channels, height and width of a latent
     * @param files files of the folder, without the index
     * @param filesMade how many of them this call has made
     * @param codec fingerprint of the autoencoder
     * @param seconds time spent
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Answer(
            String folder,
            int images,
            @Nullable Integer skipped,
            int flips,
            List<Integer> latentShape,
            int files,
            int filesMade,
            String codec,
            double seconds) {}

    @Override
    protected String whenStopped() {
        return "stopped before the first file; the same command goes on";
    }

    @Override
    protected String whenNotWritten() {
        return "the files made by now are kept; once it can be written, the same command goes on";
    }

    @Override
    protected Result run(Console console) throws IOException {
        if (common().requestedDtype().isPresent()) {
            throw new IllegalArgumentException("--dtype has no meaning here: latents are computed in fp32");
        }
        ConfigTree tree = ConfigTree.read(configFile);
        assignments.forEach(tree::set);
        if (skipUnreadable) {
            tree.set(RunOptions.SKIP);
        }
        TrainConfig config = tree.toConfig();
        if (config.codec() == null) {
            throw new IllegalArgumentException(
                    "codec is null in " + configFile + ", expected is the folder of an autoencoder: --set codec=DIR");
        }
        long start = System.nanoTime();
        try (LatentEncoder encoder = LatentEncoder.open(config.data(), Path.of(config.codec()), common().device())) {
            encoder.notes().forEach(console::note);
            Path folder = folder(config, encoder.description());
            int made = make(console, encoder, folder);
            return answer(console, encoder, folder, made, (System.nanoTime() - start) * 1e-9);
        }
    }

    private Path folder(TrainConfig config, LatentDescription description) throws IOException {
        Path stored = config.latents() == null ? null : Path.of(config.latents());
        Path chosen = out != null ? out : stored;
        if (chosen == null) {
            String name = configFile.getFileName().toString().replaceFirst("\\.json$", "");
            chosen = Path.of("latents", name + "-" + description.key().substring(0, 8));
        }
        if (Files.exists(chosen) && !Files.isDirectory(chosen)) {
            throw new IOException(chosen + " is a file, latents need a folder");
        }
        return chosen;
    }

    private static int make(Console console, LatentEncoder encoder, Path folder) throws IOException {
        List<Integer> missing = encoder.missing(folder);
        if (!missing.isEmpty()) {
            long images = missing.stream()
                    .mapToLong(file -> encoder.description().imagesOf(file))
                    .sum();
            try (Progress progress = console.progress("encoding", images, "images")) {
                for (int file : missing) {
                    encoder.encode(folder, file, progress::step);
                }
            } catch (CancellationException e) {
                console.stopped("stopped; the same command goes on with the files that are missing in " + folder);
                throw e;
            }
        }
        encoder.finish(folder);
        return missing.size();
    }

    private static Result answer(Console console, LatentEncoder encoder, Path folder, int made, double seconds) {
        LatentDescription description = encoder.description();
        int skipped = encoder.skipped().size();
        console.say(String.format(
                Locale.ROOT,
                "%d images%s as latents of %d×%d×%d in %s: %d of %d files made in %.1f s",
                description.images(),
                description.flips() == 2 ? " and their mirror images" : "",
                description.latent().channels(),
                description.latent().height(),
                description.latent().width(),
                folder,
                made,
                description.files(),
                seconds));
        console.say("train with: --set latents=" + folder);
        return Result.ok(new Answer(
                folder.toString(),
                description.images(),
                skipped == 0 ? null : skipped,
                description.flips(),
                List.of(
                        description.latent().channels(),
                        description.latent().height(),
                        description.latent().width()),
                description.files(),
                made,
                description.codec().path("fingerprint").asString(""),
                seconds));
    }
}
