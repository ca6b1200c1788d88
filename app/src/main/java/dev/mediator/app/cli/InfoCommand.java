package dev.mediator.app.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.StringNode;

/** {@code info}: what a safetensors file holds. */
@Command(name = "info", description = "Show what a safetensors file holds: settings, parameters, tensors.")
final class InfoCommand extends MediatorCommand {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * The trained tensors of a model, which a training's checkpoint has under {@code model.}; other files' floating-point
     * tensors all count.
     */
    private static final Pattern MODEL_PARAMETER =
            Pattern.compile("(model\\.)?(x_embedder|t_embedder|y_embedder|blocks|final_layer)\\..+");

    @Parameters(paramLabel = "FILE", description = "The safetensors file.")
    private Path file;

    @Option(names = "--checksum", description = "Add the SHA-256 of each tensor's row-major little-endian bytes.")
    private boolean checksum;

    /**
     * What {@code --json} prints.
     *
     * @param config the settings that the file's metadata hold under {@code config}; null if there are none
     * @param parameters how many numbers were trained: those of the model's tensors without {@code pos_embed}
     */
    record Info(
            String file,
            long bytes,
            @Nullable JsonNode config,
            long parameters,
            Map<String, String> metadata,
            List<TensorInfo> tensors) {}

    /** One tensor; {@code sha256} is there if it was asked for. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TensorInfo(
            String name,
            String dtype,
            List<Long> shape,
            @Nullable String sha256) {}

    @Override
    protected Result run(Console console) throws IOException {
        try (SafeTensors tensors = SafeTensors.open(file)) {
            Info info = describe(tensors);
            print(console, info, tensors);
            return Result.ok(info);
        }
    }

    private Info describe(SafeTensors tensors) throws IOException {
        List<TensorInfo> described = new ArrayList<>();
        for (TensorEntry entry : tensors.entries()) {
            String sha256 = checksum ? tensors.sha256(entry.name()) : null;
            described.add(new TensorInfo(entry.name(), entry.dtype().name(), entry.shape(), sha256));
        }
        return new Info(
                file.toString(), Files.size(file), config(tensors), parameters(tensors), tensors.metadata(), described);
    }

    private static @Nullable JsonNode config(SafeTensors tensors) {
        String text = tensors.metadata().get("config");
        if (text == null) {
            return null;
        }
        try {
            return JSON.readTree(text);
        } catch (JacksonException notJson) {
            return StringNode.valueOf(text);
        }
    }

    private static long parameters(SafeTensors tensors) {
        List<TensorEntry> floating = tensors.entries().stream()
                .filter(e -> e.dtype().isFloatingPoint() && !e.name().endsWith("pos_embed"))
                .toList();
        List<TensorEntry> named = floating.stream()
                .filter(e -> MODEL_PARAMETER.matcher(e.name()).matches())
                .toList();
        return (named.isEmpty() ? floating : named)
                .stream().mapToLong(TensorEntry::numel).sum();
    }

    private static void print(Console console, Info info, SafeTensors tensors) {
        console.say("%s: %.1f MB, %d tensors, %s parameters"
                .formatted(info.file(), info.bytes() / 1e6, info.tensors().size(), grouped(info.parameters())));
        if (info.config() != null) {
            console.say("config: " + info.config());
        }
        tensors.metadata().forEach((key, value) -> {
            if (!key.equals("config")) {
                console.say(key + ": " + value.lines().findFirst().orElse(""));
            }
        });
        int width =
                info.tensors().stream().mapToInt(t -> t.name().length()).max().orElse(0);
        for (TensorInfo t : info.tensors()) {
            String sha256 = t.sha256() == null ? "" : "  " + t.sha256();
            console.say(
                    ("  %-" + Math.max(1, width) + "s  %-4s  %s%s").formatted(t.name(), t.dtype(), t.shape(), sha256));
        }
    }

    private static String grouped(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
