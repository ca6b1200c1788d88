package dev.mediator.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.util.List;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AutoencoderCodecTest {
    private Scope scope;
    private AutoencoderCodec codec;

    @BeforeEach
    void open() throws IOException {
        scope = Scope.open();
        codec = GoldenAutoencoder.FOUR_LEVELS.codec(DType.F32);
    }

    @AfterEach
    void close() {
        codec.close();
        scope.close();
    }

    @Test
    void shapesOfImagesAndLatentsBelongTogether() {
        assertThat(codec.latentShape(3, 32, 64)).containsExactly(4, 4, 8);
        assertThat(codec.imageShape(4, 4, 8)).containsExactly(3, 32, 64);
        assertThatThrownBy(() -> codec.latentShape(3, 32, 60))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("images have 60×32 pixels, the autoencoder takes sides that are multiples of 8");
        assertThatThrownBy(() -> codec.latentShape(1, 32, 32))
                .hasMessage("images have 1 channels, the autoencoder takes 3");
        assertThatThrownBy(() -> codec.imageShape(3, 4, 8))
                .hasMessage("latents have 3 channels, those of the autoencoder 4");
    }

    @Test
    void latentsAreDrawnFromTheirImagesOwnStreams() throws IOException {
        Tensor image = GoldenAutoencoder.FOUR_LEVELS.expected("image");
        RandomStream one = new RandomStream(1, 1);
        RandomStream two = new RandomStream(1, 2);

        Tensor both = codec.encode(Ops.cat(0, image, image), List.of(one, two));
        Tensor second = codec.encode(image, List.of(two));

        assertThat(Tensors.relativeError(both.narrow(0, 1, 1), second)).isLessThan(1e-5);
        Posterior posterior = codec.posterior(image);
        Tensor noise = second.sub(posterior.mean()).div(posterior.std());
        assertThat(Tensors.floats(noise)[5]).isCloseTo(two.normals(0, 6)[5], Offset.offset(1e-3f));
    }

    @Test
    void anImageDoesNotDependOnThoseBesideIt() throws IOException {
        Tensor latents = GoldenAutoencoder.FOUR_LEVELS.expected("latents");

        Tensor both = codec.decode(Ops.cat(0, Ops.mul(latents, 0.5), latents));

        assertThat(Tensors.floats(both.narrow(0, 1, 1))).isEqualTo(Tensors.floats(codec.decode(latents)));
    }

    @Test
    void stackedPosteriorsAreUnstacked() {
        Posterior posterior = new Posterior(Tensors.full(1, 2, 3, 4, 4), Tensors.full(2, 2, 3, 4, 4));
        Posterior again = Posterior.ofStacked(posterior.stacked());

        assertThat(posterior.stacked().shape()).containsExactly(2, 6, 4, 4);
        assertThat(Tensors.floats(again.mean())).containsOnly(1);
        assertThat(Tensors.floats(again.std())).containsOnly(2);
    }

    /** 9·in·out per pixel of each convolution, and attention: counted by hand for a network of one level. */
    @Test
    void allProductsAreCounted() {
        AutoencoderConfig config = new AutoencoderConfig(1, 1, 2, List.of(4), 1, 2, 8, 1);
        long pixels = 64;
        try (Autoencoder network = Autoencoder.fresh(config, 0);
                NoGradGuard inference = new NoGradGuard();
                MacCounter counter = MacCounter.open()) {
            network.decode(Tensors.full(0, 1, 2, 8, 8));
            long convolutions = 2 * 2 + 9 * (2 * 4 + 4 * 2 * 4 * 4 + 4); // post_quant; in, four blocks, out
            long attention = 4 * 4 * 4 + 2 * 4 * pixels;
            assertThat(counter.macs()).isEqualTo(pixels * (convolutions + attention));
        }
    }
}
