package dev.mediator.app.cli.checkpoint;

import dev.mediator.app.cli.option.WeightsOption;
import dev.mediator.app.cli.option.WeightsPlace;
import dev.mediator.checkpoint.Weights;
import dev.mediator.model.SitDraft;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** From which network's file to which other one. */
final class DraftOptions {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(KB|MB|GB)");

    @Parameters(index = "0", paramLabel = "IN", description = "A network in a file of any format that info shows.")
    private Path in;

    @Parameters(
            index = "1",
            paramLabel = "OUT",
            description =
                    "Where to write, NAME.safetensors, or NAME.pt for PyTorch; replaced if it exists, written whole or"
                            + " not at all.")
    private Path out;

    @Option(
            names = "--weights",
            paramLabel = "ema|model",
            description = "Which weights of a training's checkpoint. Default: ${DEFAULT-VALUE}.",
            defaultValue = "ema")
    private String weights = "ema";

    @Option(
            names = "--shard-size",
            paramLabel = "SIZE",
            description = "Write several files with at most so much each, such as 500MB or 2GB, and an index of them,"
                    + " OUT.index.json. Default: one file.")
    private @Nullable String shardSize;

    @Mixin
    private WeightsPlace place = new WeightsPlace();

    /** The file to read. */
    Path in() {
        return in;
    }

    /** The file to write. */
    Path out() {
        return out;
    }

    /** Which weights to read. */
    Weights weights() {
        return place.of(WeightsOption.parse(weights));
    }

    /** Bytes of a file's tensors; null for one file. */
    @Nullable
    Long shardBytes() {
        if (shardSize == null) {
            return null;
        }
        Matcher size = SIZE.matcher(shardSize.strip().toUpperCase(Locale.ROOT));
        if (!size.matches() || Long.parseLong(size.group(1)) == 0) {
            throw new IllegalArgumentException(
                    "--shard-size is '" + shardSize + "', allowed are sizes such as 500MB or 2GB");
        }
        long unit =
                switch (size.group(2)) {
                    case "KB" -> 1_000L;
                    case "MB" -> 1_000_000L;
                    default -> 1_000_000_000L;
                };
        return Long.parseLong(size.group(1)) * unit;
    }

    /** Checks what can be checked before anything is read. */
    void requireUsable() throws IOException {
        SitDraft.requireUsable(out, shardBytes());
        weights();
        if (Files.exists(out) && Files.exists(in) && Files.isSameFile(in, out)) {
            throw new IllegalArgumentException("IN and OUT are the same file, " + out);
        }
    }
}
