package dev.mediator.evaluation;

import java.util.regex.Pattern;

/**
 * Which network made features, and of what. Two sets of features may be compared only if their names, versions, weights and
 * dimensions are the same.
 *
 * @param name lower-case letters, digits and hyphens: {@code inception}, {@code fashion}
 * @param version of the network and its preprocessing; raised whenever the features of a picture change
 * @param weightsSha256 of the weights, 64 hexadecimal digits. It depends on the values, not on the file format they were in
 * @param fid true only for the FID Inception with its published weights: distances between its features are called FID
 * @param channels of the pictures it takes: 1 (grey) or 3 (red, green, blue)
 * @param inputSize height and width that pictures are brought to, in pixels
 * @param resize how they are brought there, in one line for people
 * @param dimension D of the pooled features
 * @param spatialDimension S of the spatial features, 0 if there are none
 * @param classes K of the logits, 0 if it is no classifier
 */
public record ExtractorDescription(
        String name,
        String version,
        String weightsSha256,
        boolean fid,
        int channels,
        int inputSize,
        String resize,
        int dimension,
        int spatialDimension,
        int classes) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    public ExtractorDescription {
        requireText("name", name, NAME.matcher(name).matches(), "lower-case words with hyphens between them");
        requireText("version", version, !version.isBlank(), "a text that is not blank");
        requireText(
                "weightsSha256", weightsSha256, SHA_256.matcher(weightsSha256).matches(), "64 hexadecimal digits");
        requireText("resize", resize, !resize.isBlank(), "a text that is not blank");
        requireCount("channels", channels, channels == 1 || channels == 3, "1 and 3");
        requireCount("inputSize", inputSize, inputSize >= 1, "1 or more");
        requireCount("dimension", dimension, dimension >= 1, "1 or more");
        requireCount("spatialDimension", spatialDimension, spatialDimension >= 0, "0 (none) or more");
        requireCount("classes", classes, classes >= 0 && classes != 1, "0 (none) and 2 or more");
    }

    /** What the Fréchet distance between its features is called: {@code FID}, or {@code FD-} and the extractor's name. */
    public String distanceName() {
        return fid ? "FID" : "FD-" + name;
    }

    /** What the Fréchet distance between its spatial features is called: {@code sFID} or {@code sFD-…}. */
    public String spatialDistanceName() {
        return "s" + distanceName();
    }

    /** True if this extractor's features may be compared with those of another: name, version, weights and sizes agree. */
    public boolean makesTheFeaturesOf(ExtractorDescription other) {
        return name.equals(other.name)
                && version.equals(other.version)
                && weightsSha256.equals(other.weightsSha256)
                && dimension == other.dimension
                && spatialDimension == other.spatialDimension;
    }

    /** Name, version, dimension and the start of the weights' hash, for messages. */
    public String label() {
        return name + " version " + version + " with " + dimension + " features (weights "
                + weightsSha256.substring(0, 12) + ")";
    }

    private static void requireText(String field, String value, boolean holds, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "the extractor's " + field + " is '" + value + "', allowed is " + allowed);
        }
    }

    private static void requireCount(String field, int value, boolean holds, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "the extractor's " + field + " is " + value + ", allowed are " + allowed);
        }
    }
}
