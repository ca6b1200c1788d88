package dev.mediator.evaluation.extractor;

import dev.mediator.tensor.Ops;
import dev.mediator.vision.FidInception;
import org.bytedeco.pytorch.Tensor;

/** How pictures become the input of Inception; scores published with one are not comparable with those of the other. */
enum InceptionInput {
    /**
     * As the TensorFlow graph itself does it, and therefore the evaluator that ADM (arXiv 2105.05233) published: DiT, SiT and
     * the mediator paper report its numbers. Also what the first FID and inception scores were computed with.
     */
    ADM(
            "inception",
            "adm-1",
            Resize.TENSOR_FLOW_1,
            "to 299×299 as TensorFlow 1: bilinear, pixel i at i·scale, no antialiasing; then (x − 128)/128") {
        @Override
        Tensor normalize(Tensor samples) {
            return Ops.mul(Ops.add(samples, -128), 1.0 / 128);
        }
    },
    /** As the Python package pytorch-fid does it. */
    PYTORCH_FID(
            "inception-pytorch-fid",
            "pytorch-fid-1",
            Resize.HALF_PIXEL,
            "to 299×299 as PyTorch: bilinear, pixel centres at (i + ½)·scale, no antialiasing; then x/127.5 − 1") {
        @Override
        Tensor normalize(Tensor samples) {
            return Ops.add(Ops.mul(samples, 1 / 127.5), -1);
        }
    };

    private final String extractorName;
    private final String version;
    private final Resize resize;
    private final String resizeText;

    InceptionInput(String extractorName, String version, Resize resize, String resizeText) {
        this.extractorName = extractorName;
        this.version = version;
        this.resize = resize;
        this.resizeText = resizeText;
    }

    abstract Tensor normalize(Tensor samples);

    /** [B, 3, H, W] in [0, 255] → [B, 3, 299, 299] in about [−1, 1]. */
    Tensor apply(Tensor samples) {
        return normalize(resize.apply(samples, FidInception.INPUT_SIZE, FidInception.INPUT_SIZE));
    }

    String extractorName() {
        return extractorName;
    }

    String version() {
        return version;
    }

    String resizeText() {
        return resizeText;
    }
}
