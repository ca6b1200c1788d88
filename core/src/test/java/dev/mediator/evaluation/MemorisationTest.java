package dev.mediator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.evaluation.NearestNeighbours.Neighbour;
import dev.mediator.image.Picture;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class MemorisationTest extends ScopedTest {
    @Test
    void nearestAsFoundPairByPair() throws IOException {
        Tensor y = Golden.features("y");
        long[] index = Tensors.longs(Golden.expected("nn_index"));
        double[] distance = Tensors.doubles(Golden.expected("nn_distance"));
        try (NearestNeighbours search = new NearestNeighbours(Golden.features("x"))) {
            search.add(y.narrow(0, 0, 100));
            search.add(y.narrow(0, 100, 160));
            List<Neighbour> found = search.found();
            assertThat(found).hasSize(300);
            for (Neighbour neighbour : found) {
                int query = (int) neighbour.query();
                assertThat(neighbour.index()).isEqualTo(index[query]);
                assertThat(neighbour.distance()).isCloseTo(distance[query], offset(1e-7));
            }
        }
    }

    @Test
    void copiesLieAtDistanceZeroInAnyTile() throws IOException {
        Tensor training = normal(1, 2500, 301); // so many that |x|² + |y|² − 2⟨x, y⟩ is rounding and not 0
        long[] copied = {2400, 3, 1023, 1024, 77, 2047};
        Tensor samples = training.index_select(0, Tensors.of(copied, copied.length));
        try (NearestNeighbours search = new NearestNeighbours(samples)) {
            search.add(training);
            assertThat(search.found()).extracting(Neighbour::distance).containsOnly(0.0);
            assertThat(search.found())
                    .extracting(Neighbour::index)
                    .containsExactly(2400L, 3L, 1023L, 1024L, 77L, 2047L);
        }
    }

    @Test
    void samplesLikeHeldOutImagesAreNoCopies() throws IOException {
        Memorisation found = memorisation(normal(2, 1500, 6));
        assertThat(found.sampleMedian()).isCloseTo(found.heldOutMedian(), within(0.05 * found.heldOutMedian()));
        assertThat(found.closerShare()).isLessThan(0.03);
        assertThat(found.threshold()).isLessThan(found.heldOutMedian());
    }

    @Test
    void copiesAreFound() throws IOException {
        Tensor samples = normal(2, 1500, 6);
        samples.narrow(0, 200, 300).copy_(Ops.add(training().narrow(0, 1000, 300), 1e-3));
        Memorisation found = memorisation(samples);
        assertThat(found.closerShare()).isBetween(0.2, 0.23);
        assertThat(found.closest().index()).isBetween(1000L, 1299L);
        assertThat(found.closest().query()).isEqualTo(found.closest().index() - 800);
        assertThat(found.closest().distance()).isCloseTo(1e-3 * Math.sqrt(6), offset(1e-6));
    }

    /** Two of three samples differ by 10 and 20: the root of (100 + 400 + 0) / 3. */
    @Test
    void pixelsAreComparedByRootMeanSquare() throws IOException {
        Tensor pixels = PictureBatch.pixels(
                List.of(
                        Picture.of(1, 1, 3, new byte[] {100, 50, (byte) 255}),
                        Picture.of(1, 1, 3, new byte[] {110, 30, (byte) 255})),
                3);
        try (NearestNeighbours search = new NearestNeighbours(pixels.narrow(0, 0, 1))) {
            assertThatIllegalStateException().isThrownBy(search::found);
            search.add(pixels.narrow(0, 1, 1));
            assertThat(search.found().get(0).distance()).isCloseTo(Math.sqrt(500 / 3.0), offset(1e-4));
            assertThatIOException()
                    .isThrownBy(() -> search.add(matrix(new double[][] {{1, 2, Double.NaN}})))
                    .withMessageContaining("image 1");
        }
    }

    private static Tensor training() {
        return normal(3, 4000, 6);
    }

    private static Memorisation memorisation(Tensor samples) throws IOException {
        try (NearestNeighbours ofSamples = new NearestNeighbours(samples);
                NearestNeighbours ofHeldOut = new NearestNeighbours(normal(4, 1500, 6))) {
            ofSamples.add(training());
            ofHeldOut.add(training());
            return Memorisation.of(ofSamples.found(), ofHeldOut.found());
        }
    }
}
