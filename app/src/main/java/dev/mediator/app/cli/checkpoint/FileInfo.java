package dev.mediator.app.cli.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.checkpoint.TensorFile;
import dev.mediator.checkpoint.TorchWriter;
import dev.mediator.checkpoint.Weights;
import dev.mediator.checkpoint.pickle.Quoted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.StringNode;

/**
 * What a file of tensors holds, as {@code info} shows it.
 *
 * @param format how the file stores its tensors
 * @param bytes size of the file, with all its parts
 * @param config the settings that the file's metadata hold under {@code config}; null if there are none
 * @param verified what the content was held against with {@code --verify}, as {@link Verified} says; null without {@code --verify}
 * @param withoutChecksums with {@code --verify}, the files that have no checksum of their content
 * @param parameters how many numbers were trained: those of the model's tensors without {@code pos_embed}
 */
record FileInfo(
        String file,
        String format,
        long bytes,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String verified,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> withoutChecksums,
        @Nullable JsonNode config,
        long parameters,
        Map<String, String> metadata,
        List<TensorInfo> tensors) {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * The trained tensors of our networks; in files of other networks, all floating-point tensors count. Of a training's
     * checkpoint those under {@code model.} do.
     */
    private static final Pattern MODEL_PARAMETER =
            Pattern.compile("(x_embedder|t_embedder|y_embedder|blocks|final_layer)\\..+");

    /** One tensor; {@code sha256} is there if it was asked for. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TensorInfo(
            String name,
            String dtype,
            List<Long> shape,
            @Nullable String sha256) {}

    /** Looks into a file. */
    static FileInfo of(Path file, Console console) throws IOException {
        try (TensorFile tensors = TensorFile.open(file)) {
            return of(tensors, false, null, console);
        }
    }

    /** Looks into an open file, with checksums on demand, and tells what it was verified by. */
    static FileInfo of(TensorFile tensors, boolean checksum, @Nullable Verified verified, Console console)
            throws IOException {
        List<TensorInfo> described = new ArrayList<>();
        try (Progress progress =
                console.progress("hashing", Math.max(1, tensors.entries().size()), "tensors")) {
            for (TensorEntry entry : tensors.entries()) {
                String sha256 = checksum ? tensors.sha256(entry.name()) : null;
                described.add(new TensorInfo(entry.name(), entry.dtype().name(), entry.shape(), sha256));
                progress.step(1);
            }
        }
        return new FileInfo(
                tensors.file().toString(),
                tensors.format().toString(),
                tensors.bytes(),
                verified == null ? null : verified.by(),
                verified == null ? List.of() : verified.without(),
                config(tensors),
                parameters(tensors),
                tensors.metadata(),
                described);
    }

    private static @Nullable JsonNode config(TensorFile tensors) {
        String text = tensors.description().get("config");
        if (text == null) {
            text = tensors.metadata().get("config");
        }
        if (text == null) {
            return null;
        }
        try {
            return JSON.readTree(text);
        } catch (JacksonException notJson) {
            return StringNode.valueOf(text);
        }
    }

    private static long parameters(TensorFile tensors) throws IOException {
        TensorFile counted = tensors.hasGroup(Weights.MODEL.group()) ? tensors.weights(Weights.MODEL) : tensors;
        List<TensorEntry> floating = counted.entries().stream()
                .filter(e -> e.dtype().isFloatingPoint() && !e.name().endsWith("pos_embed"))
                .toList();
        List<TensorEntry> named = floating.stream()
                .filter(e -> MODEL_PARAMETER.matcher(e.name()).matches())
                .toList();
        return (named.isEmpty() ? floating : named)
                .stream().mapToLong(TensorEntry::numel).sum();
    }

    /** The first line: what it is and how much. */
    String headline() {
        return String.format(
                Locale.ROOT,
                "%s: %s, %.1f MB, %d tensors, %s parameters",
                file,
                format,
                bytes / 1e6,
                tensors.size(),
                grouped(parameters));
    }

    /** Everything, for people. */
    void sayAll(Console console) {
        console.say(headline());
        if (config != null) {
            console.say("config: " + config);
        }
        metadata.forEach((key, value) -> {
            if (!key.equals("config") && !key.equals(TorchWriter.DESCRIPTION + ".config")) {
                console.say(Quoted.of(key) + ": "
                        + Quoted.of(value.lines().findFirst().orElse("")));
            }
        });
        int width = tensors.stream()
                .mapToInt(t -> Quoted.of(t.name()).length())
                .max()
                .orElse(0);
        for (TensorInfo t : tensors) {
            String sha256 = t.sha256() == null ? "" : "  " + t.sha256();
            console.say(String.format(
                    Locale.ROOT,
                    "  %-" + Math.max(1, width) + "s  %-4s  %s%s",
                    Quoted.of(t.name()),
                    t.dtype(),
                    t.shape(),
                    sha256));
        }
    }

    private static String grouped(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
