package dev.mediator.app.cli;

import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.tensor.DType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
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
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** A picture: its file, class and seed. */
    record Image(String file, int label, String className, long seed) {}

    static SampleRecord of(
            Path checkpoint,
            String weights,
            ImageGenerator generator,
            GenerationSettings settings,
            DType dtype,
            List<Integer> labels,
            long seed,
            int count)
            throws IOException {
        List<Image> images = new ArrayList<>();
        for (int label : labels) {
            String name = generator.classNames().get(label);
            for (long s = seed; s < seed + count; s++) {
                images.add(new Image("%02d-%s-seed%d.png".formatted(label, slug(name), s), label, name, s));
            }
        }
        return new SampleRecord(
                checkpoint.getFileName().toString(),
                sha256(checkpoint),
                weights,
                dtype.name(),
                settings,
                settings.sampler().summary(),
                images);
    }

    /** A folder name: the model and a hash of everything. */
    String shortName() {
        String hash = HexFormat.of().formatHex(sha256().digest(toJson().getBytes(StandardCharsets.UTF_8)));
        return model.replaceFirst("\\.safetensors$", "") + "-" + hash.substring(0, 8);
    }

    String toJson() {
        return JSON.writeValueAsString(this) + "\n";
    }

    private static String slug(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    }

    private static String sha256(Path file) throws IOException {
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
