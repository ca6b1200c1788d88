package dev.mediator.app.cli.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.sample.SampleRecord;
import dev.mediator.checkpoint.NpzFile;
import dev.mediator.evaluation.FeatureCollector;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.FeatureGaussian;
import dev.mediator.evaluation.FeatureSet;
import dev.mediator.evaluation.IdxImages;
import dev.mediator.evaluation.ImagePreparation;
import dev.mediator.evaluation.ReferenceFile;
import dev.mediator.evaluation.ScoreWarning;
import dev.mediator.evaluation.StatisticsAgreement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What samples are compared with, and where it is from. Holds native memory until it is closed; the tensors of its features belong
 * to the scope it was opened in besides.
 */
public final class Reference implements AutoCloseable {
    private final @Nullable FeatureCollector collector;
    private final FeatureSet features;
    private final Description description;

    /**
     * What the record tells of it.
     *
     * @param path as given
     * @param sha256 of the file; null for a folder
     * @param images how many, 0 if a file does not tell
     * @param statistics whether they were read; false if they were computed from images
     * @param skipped images that could not be read; null if none was left out
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Description(
            String path,
            @Nullable String sha256,
            long images,
            boolean statistics,
            StoredImages.@Nullable Skipped skipped) {}

    private Reference(@Nullable FeatureCollector collector, FeatureSet features, Description description) {
        this.collector = collector;
        this.features = features;
        this.description = description;
    }

    /**
     * Reads a file of statistics, or extracts the features of images.
     *
     * @param statisticsOnly whether to leave out the images of a file that has statistics too
     * @throws IOException if it cannot be used, or is of another extractor
     */
    static Reference open(
            Console console,
            Path path,
            FeatureExtractor extractor,
            PreparationOptions preparing,
            boolean statisticsOnly)
            throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString(), null, "does not exist");
        }
        ImagePreparation preparation = preparing.preparation();
        boolean isFile = Files.isRegularFile(path);
        if (!isFile || IdxImages.isName(path) || !ReferenceFile.holdsStatistics(path)) {
            return ofImages(console, StoredImages.of(path, preparing.skipUnreadable()), extractor, preparation);
        }
        FeatureSet statistics = ReferenceFile.read(path, extractor.description());
        if (!statisticsOnly && holdsImagesToo(path)) {
            try (Reference images =
                    ofImages(console, StoredImages.of(path, preparing.skipUnreadable()), extractor, preparation)) {
                // the statistics may be of more images than the file holds
                statistics = withImages(path, statistics, images.features);
            }
        }
        return new Reference(null, statistics, describe(path, statistics.count(), true, null));
    }

    /** Statistics of a file, the features of its images, and a warning if they do not belong together. */
    private static FeatureSet withImages(Path path, FeatureSet statistics, FeatureSet images) {
        List<ScoreWarning> warnings = new ArrayList<>(
                StatisticsAgreement.warnings(path + ": 'mu' and 'sigma'", statistics.pooled(), images.pooled()));
        FeatureGaussian spatial = statistics.spatial();
        if (spatial != null && images.spatial() != null) {
            warnings.addAll(StatisticsAgreement.warnings(path + ": 'mu_s' and 'sigma_s'", spatial, images.spatial()));
        }
        warnings.addAll(images.warnings());
        Tensor features = Objects.requireNonNull(images.features()).clone();
        return new FeatureSet(null, statistics.pooled(), spatial, features, null, warnings);
    }

    private static Reference ofImages(
            Console console, StoredImages images, FeatureExtractor extractor, ImagePreparation preparation)
            throws IOException {
        FeatureCollector collector = new FeatureCollector(extractor, images.count(), true, preparation);
        boolean usable = false;
        try {
            images.collect(console, collector, "features of the reference");
            FeatureSet features = collector.collected();
            usable = true;
            return new Reference(
                    collector,
                    features,
                    describe(
                            images.path(),
                            features.count(),
                            false,
                            images.description().skipped()));
        } finally {
            if (!usable) {
                collector.close();
            }
        }
    }

    private static boolean holdsImagesToo(Path file) throws IOException {
        if (!ReferenceFile.isNpz(file)) {
            return false;
        }
        try (NpzFile npz = NpzFile.open(file)) {
            return npz.contains("arr_0");
        }
    }

    private static Description describe(
            Path path, long images, boolean statistics, StoredImages.@Nullable Skipped skipped) throws IOException {
        return new Description(
                path.toString(),
                Files.isRegularFile(path) ? SampleRecord.sha256(path) : null,
                images,
                statistics,
                skipped);
    }

    public FeatureSet features() {
        return features;
    }

    public Description description() {
        return description;
    }

    @Override
    public void close() {
        if (collector != null) {
            collector.close();
        }
    }
}
