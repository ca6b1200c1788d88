package dev.mediator.codec;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;

/** Autoencoders of random weights and what diffusers computes with them in fp64, see src/test/oracle/autoencoder.py. */
enum GoldenAutoencoder {
    /** Grey, a PyTorch file with the attention's old names, a batch of two. */
    TWO_LEVELS("two-levels"),
    /** Colour, safetensors, as many levels as the published network, not a square. */
    FOUR_LEVELS("four-levels");

    private final Path folder;

    GoldenAutoencoder(String name) {
        folder = Path.of("src/test/resources/golden/autoencoder", name);
    }

    AutoencoderFolder folder() {
        return new AutoencoderFolder(folder);
    }

    AutoencoderCodec codec(DType dtype) throws IOException {
        return AutoencoderCodec.open(folder, Placement.cpu(dtype));
    }

    /** {@code image}, {@code mean}, {@code std}, {@code latents} or {@code decoded}. */
    Tensor expected(String name) throws IOException {
        try (SafeTensors file = SafeTensors.open(folder.resolve("expected.safetensors"))) {
            return file.get(name);
        }
    }
}
