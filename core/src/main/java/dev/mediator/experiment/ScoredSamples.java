package dev.mediator.experiment;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.evaluation.ExtractorDescription;
import dev.mediator.evaluation.ScoreWarning;
import dev.mediator.evaluation.Scores;
import dev.mediator.file.JsonFile;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.Spent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * One set of samples and its scores, as its file holds them. Metrics that the extractor does not allow are absent.
 *
 * @param origin what decides the scores
 * @param gflops multiply-adds per sample in 10⁹, counted
 * @param evaluations forward passes per sample, counted
 * @param fd Fréchet distance
 * @param sfid of the spatial features
 * @param is inception score
 * @param isStd its deviation over 10 splits
 * @param precision of the samples
 * @param recall of the samples
 * @param kid kernel distance
 * @param kidStd its deviation over the subsets
 * @param classAgreement share of samples that the classifier takes for the class asked for
 * @param warnings what to know before believing any of these
 * @param seconds that sampling and scoring took
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ScoredSamples(
        Origin origin,
        double gflops,
        double evaluations,
        double fd,
        @Nullable Double sfid,
        @Nullable Double is,
        @Nullable Double isStd,
        @Nullable Double precision,
        @Nullable Double recall,
        @Nullable Double kid,
        @Nullable Double kidStd,
        @Nullable Double classAgreement,
        List<String> warnings,
        double seconds) {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /**
     * Everything that decides the scores: a file is used again only if all of it is the same.
     *
     * @param run whose network
     * @param modelSha256 hash of its weights
     * @param dtype what it computed in
     * @param settings sampler, guidance and schedule
     * @param samples how many
     * @param batch made together, which decides rounding
     * @param seed of the set
     * @param extractor whose features
     * @param reference what the samples were compared with
     */
    public record Origin(
            String run,
            String modelSha256,
            String dtype,
            GenerationSettings settings,
            int samples,
            int batch,
            long seed,
            ExtractorDescription extractor,
            String reference) {}

    public ScoredSamples {
        warnings = List.copyOf(warnings);
    }

    static ScoredSamples of(Origin origin, Spent spent, Scores scores, double seconds) {
        var spatial = scores.spatialFrechet();
        var inception = scores.inceptionScore();
        var manifolds = scores.precisionRecall();
        var kernel = scores.kernelDistance();
        var classes = scores.classAgreement();
        return new ScoredSamples(
                origin,
                spent.gflops() / origin.samples(),
                (double) spent.evaluations() / origin.samples(),
                Objects.requireNonNull(scores.frechet(), "there are 2 samples or more")
                        .value(),
                spatial == null ? null : spatial.value(),
                inception == null ? null : inception.mean(),
                inception == null ? null : inception.std(),
                manifolds == null ? null : manifolds.precision(),
                manifolds == null ? null : manifolds.recall(),
                kernel == null ? null : kernel.mean(),
                kernel == null ? null : kernel.std(),
                classes == null ? null : classes.share(),
                scores.warnings().stream().map(ScoreWarning::text).toList(),
                seconds);
    }

    void write(Path file) throws IOException {
        JsonFile.writeSealed(file, JSON.writeValueAsString(this));
    }

    /** The scores in a file if it has those of this origin; null if it is not there or has others. */
    static @Nullable ScoredSamples read(Path file, Origin origin) throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        try {
            ScoredSamples found = JSON.readValue(JsonFile.text(file), ScoredSamples.class);
            return found != null && origin.equals(found.origin()) ? found : null;
        } catch (JacksonException e) {
            throw new IOException(file + " holds no scores; delete it, and it is made anew", e);
        }
    }
}
