package dev.mediator.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PixelCodecTest {
    private static final List<RandomStream> TWO_STREAMS = List.of(new RandomStream(0, 0), new RandomStream(0, 1));

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @Test
    void latentsAreTheImages() {
        try (Scope scope = Scope.open();
                Codec codec = new PixelCodec()) {
            float[] pixels = {-1, -0.5f, 0, 0.25f, 0.5f, 1, 2, -2};
            Tensor images = Tensors.of(pixels, 2, 1, 2, 2);
            Tensor latents = codec.encode(images, TWO_STREAMS);
            assertThat(Shapes.of(latents)).containsExactly(2, 1, 2, 2);
            assertThat(Tensors.floats(latents)).containsExactly(pixels);
            assertThat(Tensors.floats(codec.decode(latents))).containsExactly(pixels);
        }
    }

    @Test
    void shapesAreKept() {
        Codec codec = new PixelCodec();
        assertThat(codec.latentShape(3, 64, 48)).containsExactly(3, 64, 48);
        assertThat(codec.imageShape(3, 64, 48)).containsExactly(3, 64, 48);
        assertThat(codec.name()).isEqualTo("pixel");
        assertThat(codec.fingerprint()).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> codec.latentShape(64, 48))
                .withMessageContaining("2 sizes");
    }

    @Test
    void whatIsNoBatchOfImagesIsRefused() {
        try (Scope scope = Scope.open()) {
            Codec codec = new PixelCodec();
            Tensor image = Tensors.of(new float[4], 1, 2, 2);
            Tensor batch = Tensors.of(new float[4], 1, 1, 2, 2);
            assertThatIllegalArgumentException().isThrownBy(() -> codec.decode(image));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> codec.encode(batch, TWO_STREAMS))
                    .withMessageContaining("the images has shape [1, 1, 2, 2], expected is [2, any, any, any]");
        }
    }
}
