package dev.mediator.app.cli;

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
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * All that is needed to make the same pictures again.
 *
 * @param model the checkpoint's file name
 * @param modelSha256 its content
 * @param weights which weights of it
 * @param dtype what the network computed in
 * @param settings sampler, guidance and mediators
 * @param summary the sampler in words
 * @param images the pictures, in the order in which they are made
 */
record SampleRecord(
        String model,
        String modelSha256,
        String weights,
        String dtype,
        GenerationSettings settings,
        String summary,
        List<Image> images) {
    private static final int MAX_SLUG = 40; // class names may be sentences, file names have limits
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    SampleRecord {
        images = List.copyOf(images);
    }

    /** A picture: its file, class and seed. */
    record Image(String file, int label, String className, long seed) {}

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
                images.add(new Image(fileName(label, name, seed + i), label, name, seed + i));
            }
        }
        return images;
    }

    /** A folder name: the model and a hash of everything. */
    String shortName() {
        String hash = HexFormat.of().formatHex(sha256().digest(toJson().getBytes(StandardCharsets.UTF_8)));
        return model.replaceFirst("\\.safetensors$", "") + "-" + hash.substring(0, 8);
    }

    String toJson() {
        return JSON.writeValueAsString(this) + "\n";
    }

    /** The first setting in which another record differs, in words. */
    String differenceTo(String otherJson) {
        try {
            return difference("", JSON.readTree(otherJson), JSON.readTree(toJson()));
        } catch (JacksonException e) {
            return "its record is not JSON";
        }
    }

    private static String difference(String path, JsonNode there, JsonNode here) {
        if (!there.isObject() || !here.isObject()) {
            String values = there.isValueNode() && here.isValueNode()
                    ? there.asString() + " there, " + here.asString() + " now"
                    : "others there than now";
            return path + " is " + values;
        }
        Set<String> names = new LinkedHashSet<>(there.propertyNames());
        names.addAll(here.propertyNames());
        for (String name : names) {
            if (!there.path(name).equals(here.path(name))) {
                return difference(path.isEmpty() ? name : path + "." + name, there.path(name), here.path(name));
            }
        }
        return "its record is written otherwise";
    }

    /** Plain letters and digits only, so that the name is allowed on every file system. */
    private static String fileName(int label, String className, long seed) {
        String slug = className.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        String cut = slug.substring(0, Math.min(MAX_SLUG, slug.length())).replaceAll("^-|-$", "");
        return "%02d-%sseed%d.png".formatted(label, cut.isEmpty() ? "" : cut + "-", seed);
    }

    /** SHA-256 of a file's content, in hexadecimal. */
    static String sha256(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 20];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
