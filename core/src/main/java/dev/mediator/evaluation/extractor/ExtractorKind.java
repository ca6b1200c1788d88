package dev.mediator.evaluation.extractor;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.mediator.data.DataConfig;
import dev.mediator.evaluation.ExtractorDescription;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.Features;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.transport.Labels;
import dev.mediator.vision.EfficientNetLite0;
import dev.mediator.vision.FashionClassifier;
import dev.mediator.vision.FidInception;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** The extractors there are. */
public enum ExtractorKind {
    /** A classifier of Fashion-MNIST, trained by this program and shipped with it. */
    FASHION("fashion") {
        @Override
        FeatureExtractor make(ExtractorWeights weights) throws IOException {
            FashionClassifier network = weights.network(FashionClassifier::new);
            ExtractorDescription description = new ExtractorDescription(
                    label(),
                    "1",
                    weights.sha256(),
                    false,
                    1,
                    FashionClassifier.INPUT_SIZE,
                    "28×28 as it is; others to 32×32 (bicubic, antialiased), of which the 28×28 in the middle",
                    FashionClassifier.FEATURES,
                    0,
                    FashionClassifier.CLASSES);
            return new NetworkExtractor(
                    description,
                    weights.device(),
                    DataConfig.defaults().classNames(),
                    64,
                    samples -> {
                        Tensor pooled = network.features(Ops.add(Ops.mul(fashionInput(samples), 1 / 127.5), -1));
                        return new Features(pooled, null, network.logits(pooled));
                    },
                    network::close);
        }
    },
    /** The FID Inception as ADM's evaluator runs it: what the numbers of DiT, SiT and this method's paper are made of. */
    INCEPTION("inception") {
        @Override
        FeatureExtractor make(ExtractorWeights weights) throws IOException {
            return inception(weights, InceptionInput.ADM);
        }
    },
    /** The FID Inception as the Python package pytorch-fid runs it. */
    INCEPTION_PYTORCH_FID("inception-pytorch-fid") {
        @Override
        FeatureExtractor make(ExtractorWeights weights) throws IOException {
            return inception(weights, InceptionInput.PYTORCH_FID);
        }
    },
    /** An ImageNet classifier whose weights are under a free licence. */
    EFFICIENTNET_LITE0("efficientnet-lite0") {
        @Override
        FeatureExtractor make(ExtractorWeights weights) throws IOException {
            EfficientNetLite0 network = weights.network(EfficientNetLite0::new);
            int size = EfficientNetLite0.INPUT_SIZE;
            ExtractorDescription description = new ExtractorDescription(
                    label(),
                    "1",
                    weights.sha256(),
                    false,
                    3,
                    size,
                    "to 224×224: bicubic, antialiased; then (x − 127)/128",
                    EfficientNetLite0.FEATURES,
                    0,
                    EfficientNetLite0.LOGITS);
            return new NetworkExtractor(
                    description,
                    weights.device(),
                    IntStream.range(0, EfficientNetLite0.LOGITS)
                            .mapToObj(Integer::toString)
                            .toList(),
                    8,
                    samples -> {
                        Tensor resized = Resize.BICUBIC.apply(samples, size, size);
                        Tensor pooled = network.features(Ops.mul(Ops.add(resized, -127), 1.0 / 128));
                        return new Features(pooled, null, network.logits(pooled));
                    },
                    network::close);
        }
    };

    /** Of {@code pt_inception-2015-12-05-6726825d.pth}. */
    private static final String PUBLISHED_INCEPTION =
            "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2";

    private static final int PADDED_FASHION_SIZE = 32;

    private final String label;

    ExtractorKind(String label) {
        this.label = label;
    }

    /** The name on the command line and in records. */
    @JsonValue
    public String label() {
        return label;
    }

    /** Reads a {@link #label}. */
    @JsonCreator
    public static ExtractorKind parse(String text) {
        String word = Labels.word(text);
        return Arrays.stream(values())
                .filter(kind -> kind.label.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the extractor is '" + text + "', allowed are "
                        + Arrays.stream(values()).map(ExtractorKind::label).collect(Collectors.joining(", "))));
    }

    /**
     * Opens the extractor with the weights of a file.
     *
     * @param device where it computes; features are on the host
     * @throws IOException if the file cannot be read, or does not hold this network; the message names file and tensor
     */
    public FeatureExtractor open(Path weights, ComputeDevice device) throws IOException {
        try (Scope scope = Scope.open()) {
            return make(ExtractorWeights.read(weights, device));
        }
    }

    /**
     * Converts published weights to safetensors, with the SHA-256 of their file, after checking that they are those of this network.
     * What other programs keep besides is left out.
     *
     * @param weights a PyTorch or safetensors file
     * @param out the target; replaced if it exists
     * @return the extractor that the new file makes
     * @throws IOException if the file cannot be read, or does not hold this network; the message names file and tensor
     */
    public ExtractorDescription convert(Path weights, Path out) throws IOException {
        try (Scope scope = Scope.open()) {
            ExtractorWeights read = ExtractorWeights.read(weights, ComputeDevice.CPU);
            try (FeatureExtractor extractor = make(read)) {
                read.write(out, label);
                return extractor.description();
            }
        }
    }

    abstract FeatureExtractor make(ExtractorWeights weights) throws IOException;

    private static FeatureExtractor inception(ExtractorWeights weights, InceptionInput input) throws IOException {
        FidInception network = weights.network(FidInception::new);
        ExtractorDescription description = new ExtractorDescription(
                input.extractorName(),
                input.version(),
                weights.sha256(),
                weights.sourceSha256().equals(PUBLISHED_INCEPTION),
                3,
                FidInception.INPUT_SIZE,
                input.resizeText(),
                FidInception.FEATURES,
                FidInception.SPATIAL_FEATURES,
                FidInception.LOGITS);
        // Larger batches are slower: their maps are too large for the allocator to keep, so each is mapped anew.
        return new NetworkExtractor(
                description,
                weights.device(),
                List.of(), // its classes are numbered in an order of their own
                2,
                samples -> {
                    FidInception.Features features = network.features(input.apply(samples));
                    return new Features(
                            features.pooled(), features.spatial(), network.unbiasedLogits(features.pooled()));
                },
                network::close);
    }

    /** [B, 1, H, W] → [B, 1, 28, 28]: generated pictures are padded to 32×32, as the networks that make them want it. */
    private static Tensor fashionInput(Tensor samples) {
        int size = FashionClassifier.INPUT_SIZE;
        if (samples.size(2) == size && samples.size(3) == size) {
            return samples;
        }
        int margin = (PADDED_FASHION_SIZE - size) / 2;
        return Resize.BICUBIC
                .apply(samples, PADDED_FASHION_SIZE, PADDED_FASHION_SIZE)
                .narrow(2, margin, size)
                .narrow(3, margin, size);
    }
}
