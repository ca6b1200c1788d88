package dev.mediator.app.cli.checkpoint;

import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.app.cli.option.MediatorsList;
import dev.mediator.checkpoint.Weights;
import dev.mediator.model.Adaptation;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitComparison;
import dev.mediator.model.SitConfig;
import dev.mediator.model.SitDraft;
import dev.mediator.model.SitFile;
import dev.mediator.model.SitHints;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code convert}: the same network in another file. */
@Command(
        name = "convert",
        description = {
            "Write a network of any format and origin as safetensors, or for PyTorch, with its configuration and under the"
                    + " published names.",
            "Both networks are then asked the same, and their answers compared; if they disagree, nothing is written."
        },
        footer = {
            "",
            "Examples:",
            "  ./mediator convert 0400000.pt sit.safetensors --weights ema",
            "  ./mediator convert elastic.safetensors sixteen.safetensors --mediators 16 --dtype bf16",
            "  ./mediator convert large.safetensors parts.safetensors --shard-size 2GB",
            "  ./mediator convert runs/mine/model.safetensors mine.pt --mediators 16"
        })
public final class ConvertCommand extends MediatorCommand {
    private static final JsonMapper JSON = new JsonMapper();

    /** Of equal numbers: products may be summed up in another order where memory is aligned differently. */
    private static final double SAME = 1e-5;

    @Mixin
    private DraftOptions files;

    @Option(
            names = "--mediators",
            paramLabel = "LIST",
            description = "Of an elastic network only these, such as 4,16,full; one count alone has the names of the"
                    + " published checkpoints. In a file that does not describe its network, full says that full attention"
                    + " is served beside the counts. Default: all.")
    private @Nullable String mediators;

    @Option(
            names = "--heads",
            paramLabel = "N",
            description = "Attention heads, where neither the file nor a preset tells.")
    private @Nullable Integer heads;

    @Option(
            names = "--input-size",
            paramLabel = "N",
            description = "Side of the image or latent, where the file does not tell.")
    private @Nullable Integer inputSize;

    @Option(
            names = "--classes",
            paramLabel = "N",
            description =
                    "Number of classes, where the file does not tell whether its table of labels has a row for none"
                            + " beside them.")
    private @Nullable Integer classes;

    /**
     * What {@code --json} prints.
     *
     * @param in the file that was read
     * @param out the file that was written
     * @param weights which weights were taken
     * @param config the network
     * @param relativeErrors how far its answer is from that of the other, by mediator count: max|a − b| / max|b|
     */
    public record Answer(
            FileInfo in, FileInfo out, String weights, SitConfig config, Map<String, Double> relativeErrors) {}

    @Override
    protected List<String> dtypes() {
        return List.of("fp32", "fp16", "bf16");
    }

    @Override
    protected Result run(Console console) throws IOException {
        files.requireUsable();
        lockFile(files.out());
        List<MediatorCount> wanted = mediators == null ? List.of() : MediatorsList.parse(mediators);
        SitHints hints = new SitHints(heads, inputSize, classes, wanted.contains(MediatorCount.FULL));
        FileInfo before = FileInfo.of(files.in(), console);
        console.say(before.headline());
        try (SitFile source = SitFile.open(files.in(), files.weights(), hints)) {
            SitConfig config = kept(source.description().config(), wanted);
            console.say("network: " + JSON.writeValueAsString(config));
            DType dtype = common().requestedDtype().orElse(source.dtype());
            Map<String, Double> errors = new LinkedHashMap<>();
            try (Progress progress = console.progress(
                            "converting", 2 + config.mediators().size(), "steps");
                    SitDraft draft = write(source, config, dtype)) {
                progress.step(1);
                compare(source, draft, config, dtype, errors, progress);
                Path published = draft.publish();
                progress.step(1);
                FileInfo after = FileInfo.of(published, console);
                console.say(after.headline());
                errors.forEach((count, error) -> console.say(describe(count, error)));
                return Result.ok(new Answer(before, after, files.weights().group(), config, errors));
            }
        }
    }

    private SitDraft write(SitFile source, SitConfig config, DType dtype) throws IOException {
        SitCheckpoint from = source.description();
        SitCheckpoint description = from.derived(config, from.classNames(), from.provenance());
        Adaptation selection = new Adaptation(from.config(), config, true);
        try (Sit sit = source.adapt(selection, dtype)) {
            return SitDraft.write(files.out(), files.shardBytes(), description, sit);
        }
    }

    private void compare(
            SitFile source,
            SitDraft draft,
            SitConfig config,
            DType dtype,
            Map<String, Double> errors,
            Progress progress)
            throws IOException {
        try (SitFile written = SitFile.open(draft.file(), Weights.EMA)) { // under no name, or under that of the average

            SitComparison comparison = new SitComparison(source, written);
            boolean isExact = dtype == source.dtype() || dtype == DType.F32;
            for (MediatorCount count : config.mediators()) {
                double error = comparison.relativeError(count);
                if (!Double.isFinite(error) || (isExact && error > SAME)) {
                    throw new IOException(files.out() + " is not written: with " + count + " mediators its network"
                            + " answers otherwise than that of " + files.in() + ", the relative error is " + error);
                }
                errors.put(count.toString(), error);
                progress.step(1);
            }
        }
    }

    private static String describe(String count, double error) {
        String attention = count.equals("full") ? "full attention" : count + " mediators";
        return error == 0
                ? "with " + attention + " both answer the same"
                : String.format(
                        Locale.ROOT, "with %s the answers differ by %.2g of the largest value", attention, error);
    }

    /** The network with some of its counts. */
    private SitConfig kept(SitConfig config, List<MediatorCount> wanted) {
        if (wanted.isEmpty()) {
            return config;
        }
        List<MediatorCount> missing = new ArrayList<>(wanted);
        missing.removeAll(config.mediators());
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("--mediators is '" + mediators + "', the network serves "
                    + config.mediators() + "; adapt gives it others");
        }
        boolean losesConvolution = config.isElastic() && wanted.equals(List.of(MediatorCount.FULL));
        if (losesConvolution) {
            throw new IllegalArgumentException(
                    "--mediators is 'full', allowed is full beside a count: full attention of"
                            + " an elastic network has a convolution that a network of softmax attention has not");
        }
        return config.withMediators(wanted);
    }
}
