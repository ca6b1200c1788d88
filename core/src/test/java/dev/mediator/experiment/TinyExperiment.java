package dev.mediator.experiment;

import dev.mediator.data.DataConfig;
import dev.mediator.evaluation.ExtractorDescription;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.Features;
import dev.mediator.evaluation.PictureBatch;
import dev.mediator.image.Picture;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** An experiment of seconds: a block on 8×8 images of the excerpt of Fashion-MNIST, in two stages of a few updates. */
final class TinyExperiment {
    /** Two runs, the second elastic with a schedule that is not static. */
    static final String JSON = """
            {
              "title": "Tiny",
              "train": {
                "batchSize": 8, "dtype": "F32", "logEvery": 1, "checkpointEvery": 2, "emaDecay": 0.5,
                "optimizer": {"learningRate": 0.02},
                "model": {"depth": 1, "width": 16, "heads": 2}, "data": {"path": "%s"}
              },
              "stages": [{"steps": 4, "data": {"imageSize": 4}}, {"steps": 3, "data": {"imageSize": 8}}],
              "runs": [
                {"name": "n=4", "train": {"model": {"mediators": [4]}}, "schedules": ["static:4"]},
                {
                  "name": "elastic",
                  "train": {"model": {"mediators": [4, "full"]}},
                  "schedules": ["static:4", "fixed:full@0.5,4", "static:full"]
                }
              ],
              "scoring": {"samples": 12, "seeds": [0, 7], "batch": 5, "dtype": "F32", "sampler": {"points": 3}}
            }
            """;

    private TinyExperiment() {}

    /** Writes the configuration with words replaced, in pairs. */
    static Path write(Path file, String... replacements) throws IOException {
        String text = JSON.formatted(excerpt());
        for (int i = 0; i < replacements.length; i += 2) {
            if (!text.contains(replacements[i])) {
                throw new IllegalArgumentException(replacements[i] + " does not occur");
            }
            text = text.replace(replacements[i], replacements[i + 1]);
        }
        return Files.writeString(file, text);
    }

    private static Path excerpt() {
        try {
            return Path.of(DataConfig.class.getResource("/fashion-mnist").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Features that are means of the four quarters of grey 8×8 pictures, which are also the logits of ten classes. */
    static FeatureExtractor extractor() {
        return new FeatureExtractor() {
            @Override
            public ExtractorDescription description() {
                return new ExtractorDescription("quarters", "1", "ab".repeat(32), false, 1, 8, "none", 4, 0, 10);
            }

            @Override
            public Features extract(List<Picture> pictures) {
                long count = pictures.size();
                Tensor pixels = Tensors.to(PictureBatch.of(pictures, 1), DType.F32)
                        .reshape(count, 2, 4, 2, 4)
                        .mean(new long[] {2, 4}, false, new org.bytedeco.pytorch.ScalarTypeOptional())
                        .flatten(1, -1); // [B, 4]
                return new Features(pixels, null, Ops.cat(1, pixels, pixels, pixels.narrow(1, 0, 2)));
            }

            @Override
            public void close() {}
        };
    }
}
