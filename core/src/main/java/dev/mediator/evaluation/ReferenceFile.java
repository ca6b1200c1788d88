package dev.mediator.evaluation;

import dev.mediator.checkpoint.NpzFile;
import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.file.FileNames;
import dev.mediator.file.JsonFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reference statistics in files. Ours are safetensors that tell by which extractor and of how many images they were made:
 * {@code mean}, {@code covariance}, and where there are any {@code spatial_mean}, {@code spatial_covariance} and {@code
 * features}. Read are also the .npz files of pytorch-fid ({@code mu}, {@code sigma}) and of ADM (with {@code mu_s}, {@code
 * sigma_s} for sFID), which tell neither.
 */
public final class ReferenceFile {
    private static final String FORMAT = "mediator-reference-1";
    private static final JsonMapper JSON = new JsonMapper();
    /** fp32 statistics of other programs are symmetric to this. */
    private static final double ASYMMETRY = 1e-5;

    private ReferenceFile() {}

    /**
     * Writes a reference in our format.
     *
     * @param file the target; replaced if it exists
     * @param reference with an extractor; its features are written if it has them, its logits are not
     * @param source what the images were, for people: a folder, a split
     */
    public static void write(Path file, FeatureSet reference, String source) throws IOException {
        if (reference.extractor() == null || reference.count() < 2) {
            throw new IllegalArgumentException(
                    "a reference is written with its extractor and of 2 images or more only");
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("mean", reference.pooled().mean());
        tensors.put("covariance", reference.pooled().covariance());
        if (reference.spatial() != null) {
            tensors.put("spatial_mean", reference.spatial().mean());
            tensors.put("spatial_covariance", reference.spatial().covariance());
        }
        if (reference.features() != null) {
            tensors.put("features", reference.features());
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        metadata.put("extractor", JSON.writeValueAsString(reference.extractor()));
        metadata.put("count", Long.toString(reference.count()));
        metadata.put("source", source);
        SafeTensorsWriter.write(file, tensors, metadata);
    }

    /**
     * Reads a reference of any of the formats; its tensors belong to the caller's scope.
     *
     * @param expected who made the features it will be compared with
     * @throws IOException if the file is unusable, of another extractor, or not finite; the message names it
     */
    public static FeatureSet read(Path file, ExtractorDescription expected) throws IOException {
        return isNpz(file) ? readNpz(file, expected) : readOwn(file, expected);
    }

    /**
     * True if a file holds statistics, false for a .npz that holds images only.
     *
     * @throws IOException if it cannot be read, or has a mean without covariance or the reverse
     */
    public static boolean holdsStatistics(Path file) throws IOException {
        if (!isNpz(file)) {
            return true;
        }
        try (NpzFile npz = NpzFile.open(file)) {
            return holdsBoth(npz, "mu", "sigma");
        }
    }

    private static boolean holdsBoth(NpzFile npz, String mean, String covariance) throws IOException {
        if (npz.contains(mean) != npz.contains(covariance)) {
            boolean hasMean = npz.contains(mean);
            throw new IOException(npz.file() + " is no usable reference: it has the array '"
                    + (hasMean ? mean : covariance) + "', but not '" + (hasMean ? covariance : mean) + "'");
        }
        return npz.contains(mean);
    }

    /**
     * True if a file is a .npz, by its content: a zip archive begins with PK. What is neither that nor safetensors, whose header is
     * JSON behind its length, is what its name says.
     */
    public static boolean isNpz(Path file) throws IOException {
        FileNames.require(file);
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString(), null, "does not exist or is not a file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(Long.BYTES + 1);
            boolean isZip = start.length >= 2 && start[0] == 'P' && start[1] == 'K';
            boolean isOwn = start.length > Long.BYTES && start[Long.BYTES] == '{';
            return isZip || (!isOwn && file.toString().toLowerCase(Locale.ROOT).endsWith(".npz"));
        }
    }

    private static FeatureSet readNpz(Path file, ExtractorDescription expected) throws IOException {
        try (NpzFile npz = NpzFile.open(file)) {
            FeatureGaussian pooled = gaussian(npz, "mu", "sigma", expected.dimension());
            boolean spatial = expected.spatialDimension() > 0 && holdsBoth(npz, "mu_s", "sigma_s");
            return new FeatureSet(
                    null,
                    pooled,
                    spatial ? gaussian(npz, "mu_s", "sigma_s", expected.spatialDimension()) : null,
                    null,
                    null);
        }
    }

    private static FeatureGaussian gaussian(NpzFile npz, String mean, String covariance, long dimension)
            throws IOException {
        return gaussian(npz.file(), 0, numbers(npz, mean, dimension), numbers(npz, covariance, dimension, dimension));
    }

    /** The shape is checked before anything of that size is read. */
    private static Tensor numbers(NpzFile npz, String name, long... shape) throws IOException {
        var header = npz.header(name);
        if (!Arrays.equals(header.sizes(), shape) || !header.dtype().isFloatingPoint()) {
            boolean isWhole = Arrays.equals(header.sizes(), shape);
            throw new IOException(npz.file() + ": array '" + name + "' is " + header.dtype() + " " + header.shape()
                    + ", the extractor's features ask for " + Arrays.toString(shape) + " of floating-point numbers"
                    + (isWhole ? "; in numpy: " + name + ".astype('<f8')" : ""));
        }
        return npz.read(name, header.dataBytes());
    }

    private static FeatureSet readOwn(Path file, ExtractorDescription expected) throws IOException {
        try (SafeTensors tensors = SafeTensors.open(file)) {
            requireOwn(file, tensors.metadata(), expected);
            tensors.verified();
            long count = count(file, tensors.metadata().getOrDefault("count", ""));
            FeatureGaussian pooled = gaussian(tensors, "", count, expected.dimension());
            boolean spatial = expected.spatialDimension() > 0;
            Tensor features = features(tensors, count, expected.dimension());
            if (features != null && !StatisticsAgreement.areOf(features, pooled)) {
                throw new IOException(
                        file + " is no usable reference: its mean and covariance are not those of its" + " features");
            }
            return new FeatureSet(
                    expected,
                    pooled,
                    spatial ? gaussian(tensors, "spatial_", count, expected.spatialDimension()) : null,
                    features,
                    null);
        }
    }

    private static void requireOwn(Path file, Map<String, String> metadata, ExtractorDescription expected)
            throws IOException {
        if (!FORMAT.equals(metadata.get("format"))) {
            throw new IOException(file + " is no reference: its metadata lacks format " + FORMAT);
        }
        ExtractorDescription found = extractor(file, metadata.getOrDefault("extractor", ""));
        if (!found.makesTheFeaturesOf(expected)) {
            throw new IOException(
                    file + " was made by another extractor: " + found.label() + ", expected is " + expected.label());
        }
    }

    private static ExtractorDescription extractor(Path file, String json) throws IOException {
        try {
            ExtractorDescription found = JSON.readValue(json, ExtractorDescription.class);
            if (found != null) {
                return found;
            }
        } catch (JacksonException e) {
            throw new IOException(
                    file + " is no usable reference: its extractor cannot be read: " + JsonFile.reason(e), e);
        }
        throw new IOException(file + " is no usable reference: its extractor is not told");
    }

    private static long count(Path file, String text) throws IOException {
        try {
            long count = Long.parseLong(text);
            if (count >= 2) {
                return count;
            }
        } catch (NumberFormatException e) {
            throw new IOException(file + " is no usable reference: its count is '" + text + "'", e);
        }
        throw new IOException(file + " is no usable reference: its count is " + text + ", allowed is 2 or more");
    }

    private static FeatureGaussian gaussian(SafeTensors tensors, String prefix, long count, long dimension)
            throws IOException {
        return gaussian(
                tensors.file(),
                count,
                tensor(tensors, prefix + "mean", DType.F64, dimension),
                tensor(tensors, prefix + "covariance", DType.F64, dimension, dimension));
    }

    private static @Nullable Tensor features(SafeTensors tensors, long count, long dimension) throws IOException {
        if (!tensors.contains("features")) {
            return null;
        }
        Tensor features = tensor(tensors, "features", DType.F32, count, dimension);
        if (!Tensors.isFinite(features)) {
            throw new IOException(tensors.file() + " is no usable reference: its features are not finite");
        }
        return features;
    }

    private static Tensor tensor(SafeTensors tensors, String name, DType dtype, long... shape) throws IOException {
        if (!tensors.contains(name)) {
            throw new IOException(tensors.file() + " is no usable reference: it lacks the tensor '" + name + "'");
        }
        Tensor tensor = tensors.get(name);
        if (DType.of(tensor) != dtype || !Arrays.equals(Shapes.of(tensor), shape)) {
            throw new IOException(tensors.file() + " is no usable reference: its tensor '" + name + "' is "
                    + DType.of(tensor) + " " + Arrays.toString(Shapes.of(tensor)) + ", expected is " + dtype + " "
                    + Arrays.toString(shape));
        }
        return tensor;
    }

    private static FeatureGaussian gaussian(Path file, long count, Tensor mean, Tensor covariance) throws IOException {
        try (Scope scope = Scope.open()) {
            Tensor sigma = Tensors.to(covariance, DType.F64);
            if (!Tensors.isFinite(mean) || !Tensors.isFinite(sigma)) {
                throw new IOException(file + " is no usable reference: its statistics are not finite");
            }
            double asymmetry = Tensors.maxAbs(sigma.sub(sigma.t()));
            if (asymmetry > ASYMMETRY * Tensors.maxAbs(sigma)) {
                throw new IOException(file + " is no usable reference: its covariance is not symmetric");
            }
            Tensor symmetric = sigma.add(sigma.t()).mul_(new Scalar(0.5));
            try {
                FrechetDistance.requireCovariance(symmetric);
            } catch (IllegalArgumentException e) {
                throw new IOException(file + " is no usable reference: " + e.getMessage(), e);
            }
            return new FeatureGaussian(
                    count, scope.keep(Tensors.to(mean, DType.F64).clone()), scope.keep(symmetric));
        }
    }
}
