package dev.mediator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.process.LoopBody;
import dev.mediator.process.NativeGrowth;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class EvaluationMemoryTest {
    @Test
    void evaluationsLeaveNoTensorBehind() throws Exception {
        assertThat(NativeGrowth.of(Evaluations.class, 5, 50)).isZero();
    }

    /** Statistics, distances and arrays from a file, without a scope around them. */
    public static final class Evaluations implements LoopBody {
        private final FeatureStatistics stream = new FeatureStatistics(32);
        private long seed;

        @Override
        public void step() throws IOException {
            try (Scope scope = Scope.open()) {
                Tensor x = new RandomStream(seed++, 0).normalTensor(0, 500, 32);
                stream.add(x);
                FeatureGaussian now = Golden.gaussian(x);
                FrechetDistance.between(now, stream.gaussian());
                PrecisionRecall.between(x.narrow(0, 0, 40), x.narrow(0, 40, 40), 3, TileProgress.NONE);
                KernelDistance.ofSubsets(x, x, 2, 30, seed, TileProgress.NONE);
                InceptionScore.of(x, 5, seed);
                ReferenceFile.read(Golden.FOLDER.resolve("adm.npz"), REFERENCE);
                try (NpzImages images = NpzImages.open(Path.of("src/test/resources/numpy/images.npz"));
                        NearestNeighbours search = new NearestNeighbours(x)) {
                    search.add(PictureBatch.pixels(images.next(5), 3).narrow(1, 0, 32));
                    search.found();
                }
            }
        }

        @Override
        public void close() {
            stream.close();
        }

        private static final ExtractorDescription REFERENCE =
                new ExtractorDescription("golden", "1", "0".repeat(64), false, 3, 32, "none", 16, 7, 0);
    }
}
