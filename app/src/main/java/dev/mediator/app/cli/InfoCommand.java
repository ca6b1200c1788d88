package dev.mediator.app.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.checkpoint.TensorFile;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.StringNode;

/** {@code info}: what a checkpoint holds. */
@Command(
        name = "info",
        description = {
            "Show what a checkpoint holds: settings, parameters, tensors.",
            "Safetensors files, their indices (*.index.json) and PyTorch files are recognised by their content.",
            "Nothing in a PyTorch file is executed."
        })
final class InfoCommand extends MediatorCommand {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * The trained tensors of our networks; in files of other networks, all floating-point tensors count. Of a training's
     * checkpoint those under {@code model.} do.
     */
    private static final Pattern MODEL_PARAMETER =
            Pattern.compile("(x_embedder|t_embedder|y_embedder|blocks|final_layer)\\..+");

    @Parameters(paramLabel = "FILE", description = "The checkpoint.")
    private Path file;

    @Option(names = "--checksum", description = "Add the SHA-256 of each tensor's row-major little-endian bytes.")
    private boolean checksum;

    @Option(
            names = "--weights",
            paramLabel = "SET",
            description = "Only these weights of a training's checkpoint, without their prefix: ema or model.")
    private @Nullable String weights;

    /**
     * What {@code --json} prints.
     *
     * @param format how the file stores its tensors
     * @param bytes size of the file, with all its parts
     * @param config the settings that the file's metadata hold under {@code config}; null if there are none
     * @param parameters how many numbers were trained: those of the model's tensors without {@code pos_embed}
     */
    record Info(
            String file,
            String format,
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
        try (TensorFile opened = TensorFile.open(file)) {
            TensorFile tensors = weights == null ? opened : opened.weights(WeightsOption.parse(weights));
            Info info = describe(tensors, console);
            print(console, info);
            return Result.ok(info);
        }
    }

    private Info describe(TensorFile tensors, Console console) throws IOException {
        List<TensorInfo> described = new ArrayList<>();
        try (Progress progress =
                console.progress("hashing", Math.max(1, tensors.entries().size()), "tensors")) {
            for (TensorEntry entry : tensors.entries()) {
                String sha256 = checksum ? tensors.sha256(entry.name()) : null;
                described.add(new TensorInfo(entry.name(), entry.dtype().name(), entry.shape(), sha256));
                progress.step(1);
            }
        }
        return new Info(
                file.toString(),
                tensors.format().toString(),
                tensors.bytes(),
                config(tensors),
                parameters(tensors),
                tensors.metadata(),
                described);
    }

    private static @Nullable JsonNode config(TensorFile tensors) {
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

    private static void print(Console console, Info info) {
        console.say("%s: %s, %.1f MB, %d tensors, %s parameters"
                .formatted(
                        info.file(),
                        info.format(),
                        info.bytes() / 1e6,
                        info.tensors().size(),
                        grouped(info.parameters())));
        if (info.config() != null) {
            console.say("config: " + info.config());
        }
        info.metadata().forEach((key, value) -> {
            if (!key.equals("config")) {
                console.say(Quoted.of(key) + ": "
                        + Quoted.of(value.lines().findFirst().orElse("")));
            }
        });
        int width = info.tensors().stream()
                .mapToInt(t -> Quoted.of(t.name()).length())
                .max()
                .orElse(0);
        for (TensorInfo t : info.tensors()) {
            String sha256 = t.sha256() == null ? "" : "  " + t.sha256();
            console.say(("  %-" + Math.max(1, width) + "s  %-4s  %s%s")
                    .formatted(Quoted.of(t.name()), t.dtype(), t.shape(), sha256));
        }
    }

    private static String grouped(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
