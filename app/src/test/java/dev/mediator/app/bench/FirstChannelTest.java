package dev.mediator.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class FirstChannelTest {
    @Test
    void whatItEncodesItDecodes() {
        Engine.start();
        FirstChannel codec = new FirstChannel(4);
        try (Scope scope = Scope.open()) {
            Tensor images = new RandomStream(3, 0).normalTensor(0, 2, 1, 3, 5);
            Tensor latents = codec.posterior(images).mean();

            assertThat(Shapes.of(latents)).containsExactly(2, 4, 3, 5);
            assertThat(codec.latentShape(1, 3, 5)).containsExactly(4, 3, 5);
            assertThat(codec.imageShape(4, 3, 5)).containsExactly(1, 3, 5);
            assertThat(Tensors.relativeError(codec.decode(latents), images)).isZero();
        }
    }
}
