package dev.mediator.data;

import dev.mediator.file.JsonFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What stored latents are: all that decides their values, and what a training needs to know of them.
 *
 * @param codec the autoencoder that made them, as JSON with its {@code folder} and {@code fingerprint}
 * @param data the images and how they were cropped; {@code flip} says whether mirrored images are there too
 * @param classNames names of the labels 0, 1, …
 * @param images number of images
 * @param latent shape of one latent
 * @param imagesPerFile how many images share a file; the last may have fewer
 * @param dataDigest of the images' {@link DataIdentity}; empty for latents of earlier versions
 */
public record LatentDescription(
        JsonNode codec,
        DataConfig data,
        List<String> classNames,
        int images,
        ImageShape latent,
        int imagesPerFile,
        String dataDigest) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .build();
    private static final String LATENTS = "latents";
    private static final String KEY = "key";
    private static final String DATA_DIGEST = "dataDigest";

    public LatentDescription {
        if (codec.isNull()) {
            throw new IllegalArgumentException("codec is null, allowed is the autoencoder that made them");
        }
        classNames = List.copyOf(classNames);
        if (images < 1) {
            throw new IllegalArgumentException("images is " + images + ", allowed is 1 or more");
        }
        if (imagesPerFile < 1) {
            throw new IllegalArgumentException("imagesPerFile is " + imagesPerFile + ", allowed is 1 or more");
        }
    }

    /** The index that stands for all files, in their folder. */
    public static Path index(Path folder) {
        return folder.resolve("latents.safetensors.index.json");
    }

    /** Number of files. */
    public int files() {
        return (int) (((long) images + imagesPerFile - 1) / imagesPerFile);
    }

    /** One of the files, in their folder. */
    public Path file(Path folder, int number) {
        return folder.resolve(String.format(Locale.ROOT, "latents-%05d.safetensors", number));
    }

    /** Images of one of the files. */
    public int imagesOf(int file) {
        return Math.min(imagesPerFile, images - file * imagesPerFile);
    }

    /** Variants of each image: as it is, and mirrored if the data are flipped. */
    public int flips() {
        return data.flip() ? 2 : 1;
    }

    /** Name of a tensor in one of the files, such as {@code mean.00000}: means, standard deviations or labels. */
    public static String tensor(String what, int file) {
        return String.format(Locale.ROOT, "%s.%05d", what, file);
    }

    /**
     * SHA-256 of all that decides the values. The folders of codec and images are no part of it: both may be moved.
     */
    public String key() {
        String deciding = String.join(
                "\n",
                codec.path("fingerprint").asString(""),
                JSON.writeValueAsString(data.withPath("data")),
                JSON.writeValueAsString(classNames),
                images + " " + imagesPerFile,
                latent.toString() + (dataDigest.isEmpty() ? "" : "\n" + dataDigest));
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(deciding.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The metadata of the index and of each file. */
    public Map<String, String> metadata() {
        return Map.of(LATENTS, JSON.writeValueAsString(this), KEY, key());
    }

    /** True if a file with this metadata holds a part of these latents. */
    public boolean describes(Map<String, String> metadata) {
        String before = new LatentDescription(codec, data, classNames, images, latent, imagesPerFile, "").key();
        return key().equals(metadata.get(KEY)) || before.equals(metadata.get(KEY)); // of an earlier version
    }

    /**
     * Reads metadata.
     *
     * @param origin the file, for messages
     * @throws IOException if they are not those of stored latents
     */
    public static LatentDescription parse(Path origin, Map<String, String> metadata) throws IOException {
        String json = metadata.get(LATENTS);
        if (json == null) {
            throw new IOException(origin + " holds tensors, but not the latents of a data set");
        }
        try {
            ObjectNode tree = JsonFile.object(json, origin + ": its 'latents'");
            if (!tree.has(DATA_DIGEST)) {
                tree.put(DATA_DIGEST, "");
            }
            return JSON.treeToValue(tree, LatentDescription.class);
        } catch (JacksonException e) {
            throw new IOException(origin + ": its 'latents' cannot be read: " + JsonFile.reason(e), e);
        }
    }
}
