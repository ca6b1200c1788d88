package dev.mediator.app.cli.evaluate;

import dev.mediator.app.cli.option.ShippedWeights;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.extractor.ExtractorKind;
import dev.mediator.tensor.ComputeDevice;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name the network by whose features pictures are scored. */
public final class ExtractorOptions {
    @Option(
            names = "--extractor",
            paramLabel = "NAME",
            description =
                    "Whose features are compared: fashion, inception, inception-pytorch-fid or efficientnet-lite0."
                            + " Default: ${DEFAULT-VALUE}.",
            defaultValue = "fashion")
    private String extractor = "fashion";

    @Option(
            names = "--weights",
            paramLabel = "FILE",
            description = "The extractor's weights, as safetensors or PyTorch file. Only those of fashion come with the"
                    + " program.")
    private @Nullable Path weights;

    /** Which extractor. */
    ExtractorKind kind() {
        return ExtractorKind.parse(extractor);
    }

    /**
     * The file of its weights.
     *
     * @throws IllegalArgumentException if there are none to be had without {@code --weights}
     */
    Path file() throws IOException {
        if (weights != null) {
            return weights;
        }
        if (kind() == ExtractorKind.FASHION) {
            return ShippedWeights.findClassifier();
        }
        throw new IllegalArgumentException("--extractor " + kind().label()
                + " needs --weights FILE: its weights do not come with the program (docs/evaluation.md says where they"
                + " are from)");
    }

    /** The extractor, ready for use. */
    public FeatureExtractor open(ComputeDevice device) throws IOException {
        return kind().open(file(), device);
    }
}
