package dev.mediator.evaluation.extractor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.evaluation.PictureBatch;
import dev.mediator.image.Picture;
import dev.mediator.image.Resampling;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.vision.FormulaPictures;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ResizeTest {
    private Scope scope;

    @BeforeEach
    void openScope() {
        Engine.start();
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** Golden numbers of torch-fidelity (TensorFlow 1) and PyTorch; the picture has 7 rows and 10 columns. */
    @ParameterizedTest
    @CsvSource({
        "TENSOR_FLOW_1, tensorFlow1.enlarged, 13, 16",
        "TENSOR_FLOW_1, tensorFlow1.reduced, 4, 6",
        "HALF_PIXEL, halfPixel.enlarged, 13, 16",
        "HALF_PIXEL, halfPixel.reduced, 4, 6",
        "BICUBIC, bicubic.enlarged, 13, 16",
        "BICUBIC, bicubic.reduced, 4, 6",
    })
    void resizesAsTheOriginal(Resize resize, String name, int height, int width) throws Exception {
        Tensor samples = samples(FormulaPictures.of(1, 3, 7, 10));

        try (SafeTensors golden = SafeTensors.open(Path.of(
                getClass().getResource("/golden/vision-resize.safetensors").toURI()))) {
            assertThat(Tensors.relativeError(resize.apply(samples, height, width), golden.get(name)))
                    .isLessThan(1e-6);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPictureOfTheRightSizeStaysAsItIs(Resize resize) {
        Tensor samples = samples(FormulaPictures.of(2, 3, 7, 10));

        assertThat(Tensors.relativeError(resize.apply(samples, 7, 10), samples)).isZero();
    }

    @Test
    void bicubicIsThatOfPicturesWithoutRounding() {
        Picture picture = FormulaPictures.of(1, 3, 60, 80).get(0);
        Tensor expected = samples(List.of(Resampling.BICUBIC.resize(picture, 28, 31)));

        Tensor found = Resize.BICUBIC.apply(samples(List.of(picture)), 31, 28);

        assertThat(Tensors.maxAbs(found.sub(expected))).isLessThan(1.6);
    }

    private static Tensor samples(List<Picture> pictures) {
        return Tensors.to(PictureBatch.of(pictures, 3), DType.F32);
    }
}
