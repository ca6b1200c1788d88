package dev.mediator.app.cli.sample;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.generation.GenerationSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * All that is needed to make the same pictures again.
 *
 * @param models the checkpoints: one, or one for each stage
 * @param weights which weights of them
 * @param codec fingerprint of the autoencoder whose latents they work on; null for pixels
 * @param dtype what the network computed in
 * @param settings sampler, guidance and schedule
 * @param summary the sampler in words
 * @param schedule the schedule's short form, as it runs: a budget has become a fixed schedule
 * @param images the pictures, in the order in which they are made
 */
public record SampleRecord(
        List<Checkpoint> models,
        String weights,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String codec,
        String dtype,
        GenerationSettings settings,
        String summary,
        String schedule,
        List<Image> images) {
    private static final int MAX_SLUG = 40; // class names may be sentences, file names have limits
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    public SampleRecord {
        models = List.copyOf(models);
        images = List.copyOf(images);
    }

    /**
     * A checkpoint.
     *
     * @param file its name without folder
     * @param sha256 its content
     */
    public record Checkpoint(String file, String sha256) {
        public static Checkpoint of(Path path) throws IOException {
            return new Checkpoint(path.getFileName().toString(), SampleRecord.sha256(path));
        }
    }

    /**
     * A picture: its file, class and seed.
     *
     * @param trace what it went through; null until the record is finished
     */
    record Image(
            String file,
            int label,
            String className,
            long seed,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            SampleTrace trace) {}

    /**
     * The pictures of some classes, each class with the same seeds.
     *
     * @param seed the first seed
     * @param count pictures per class
     */
    static List<Image> images(List<Integer> labels, List<String> classNames, long seed, int count) {
        List<Image> images = new ArrayList<>();
        for (int label : labels) {
            String name = classNames.get(label);
            for (int i = 0; i < count; i++) {
                images.add(new Image(fileName(label, name, seed + i), label, name, seed + i, null));
            }
        }
        return images;
    }

    /** Folder names, from the shortest on: the model and ever more digits of a hash of everything. */
    List<String> folderNames() {
        String model = models.get(0).file().replaceFirst("\\.safetensors$", "");
        String hash = sha256(toJson());
        return Stream.of(8, 16, 32, 64)
                .map(digits -> model + "-" + hash.substring(0, digits))
                .toList();
    }

    /** The same with what its pictures went through. */
    SampleRecord with(SampleTraces traces) {
        List<Image> traced = images.stream()
                .map(image -> new Image(image.file(), image.label(), image.className(), image.seed(), traces.of(image)))
                .toList();
        return new SampleRecord(models, weights, codec, dtype, settings, summary, schedule, traced);
    }

    /** The names of the checkpoints. */
    String modelNames() {
        return models.stream().map(Checkpoint::file).collect(Collectors.joining(", "));
    }

    String toJson() {
        return JSON.writeValueAsString(this) + "\n";
    }

    /**
     * The first setting in which a stored record differs, in words; empty if none does. What its pictures went through is no
     * setting.
     */
    Optional<String> differenceTo(ObjectNode stored) {
        ObjectNode settingsThere = stored.deepCopy();
        for (JsonNode image : settingsThere.path("images")) {
            if (image instanceof ObjectNode object) {
                object.remove("trace");
            }
        }
        return difference("", settingsThere, JSON.readTree(toJson()));
    }

    private static Optional<String> difference(String path, JsonNode there, JsonNode here) {
        if (there.equals(here)) {
            return Optional.empty();
        }
        if (there.isObject() && here.isObject()) {
            Set<String> names = new LinkedHashSet<>(there.propertyNames());
            names.addAll(here.propertyNames());
            return names.stream()
                    .map(name ->
                            difference(path.isEmpty() ? name : path + "." + name, there.path(name), here.path(name)))
                    .flatMap(Optional::stream)
                    .findFirst();
        }
        String values = there.isValueNode() && here.isValueNode()
                ? there.asString() + " there, " + here.asString() + " now"
                : "others there than now";
        return Optional.of(path + " is " + values);
    }

    /** Plain letters and digits only, so that the name is allowed on every file system. */
    private static String fileName(int label, String className, long seed) {
        String slug = className.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        String cut = slug.substring(0, Math.min(MAX_SLUG, slug.length())).replaceAll("^-|-$", "");
        return String.format(Locale.ROOT, "%02d-%sseed%d.png", label, cut.isEmpty() ? "" : cut + "-", seed);
    }

    /** SHA-256 of a file's content, in hexadecimal. */
    public static String sha256(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 20];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** SHA-256 of a text in UTF-8, in hexadecimal. */
    public static String sha256(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
