package dev.mediator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inception score, precision and recall, kernel distance, class agreement. */
class MetricsTest extends ScopedTest {
    @Test
    void inceptionScoreAsPublished() throws IOException {
        long[] order = LongStream.range(0, 203).toArray();
        InceptionScore found = InceptionScore.inOrder(Golden.features("logits"), order, 10);
        assertThat(found.mean()).isCloseTo(Golden.number("is_mean"), withinPercentage(1e-8));
        assertThat(found.std()).isCloseTo(Golden.number("is_std"), withinPercentage(1e-6));
    }

    /** 500 certain samples of 5 classes, sorted: in order each split would have one class, and the score 1. */
    @Test
    void inceptionScoreOfSortedSamples() {
        double[][] logits = new double[500][5];
        for (int i = 0; i < 500; i++) {
            logits[i][i / 100] = 1000; // the others' probability underflows to 0
        }
        InceptionScore found = InceptionScore.of(matrix(logits), 5, 0);
        assertThat(found.mean()).isBetween(4.8, 5.0);
        assertThat(InceptionScore.of(matrix(logits), 5, 0)).isEqualTo(found);
        assertThat(InceptionScore.of(matrix(logits), 5, 1)).isNotEqualTo(found);
        assertThat(InceptionScore.of(matrix(logits), 1, 0).mean()).isCloseTo(5, offset(1e-12));
        assertThat(InceptionScore.of(Tensors.zeros(DType.F32, 50, 7), 5, 0).mean())
                .isCloseTo(1, offset(1e-12));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> InceptionScore.of(matrix(logits), 501, 0))
                .withMessageContaining("splits is 501");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5})
    void precisionAndRecallPairByPair(int k) throws IOException {
        PrecisionRecall found =
                PrecisionRecall.between(Golden.features("x"), Golden.features("y"), k, TileProgress.NONE);
        assertThat(found.precision()).isCloseTo(Golden.number("precision" + k), offset(1e-12));
        assertThat(found.recall()).isCloseTo(Golden.number("recall" + k), offset(1e-12));
    }

    /** More rows than a tile has, against every distance taken on its own. */
    @Test
    void precisionAndRecallOverSeveralTiles() {
        Tensor samples = normal(11, 2300, 3);
        Tensor reference = Ops.add(normal(12, 2100, 3), 0.7);
        long[] tiles = {0};
        PrecisionRecall found = PrecisionRecall.between(samples, reference, 3, (done, total) -> tiles[0]++);
        double[][] x = rows(samples);
        double[][] y = rows(reference);
        assertThat(found.precision()).isCloseTo(share(x, y), within(1e-12));
        assertThat(found.recall()).isCloseTo(share(y, x), within(1e-12));
        assertThat(tiles[0]).isEqualTo(36);
    }

    @Test
    void precisionAndRecallOfTheSameAndOfDistantSets() {
        Tensor x = normal(13, 200, 8);
        assertThat(PrecisionRecall.between(x, x.clone(), 3, TileProgress.NONE)).isEqualTo(new PrecisionRecall(1, 1));
        assertThat(PrecisionRecall.between(x, Ops.add(x, 100), 3, TileProgress.NONE))
                .isEqualTo(new PrecisionRecall(0, 0));
        Tensor same = Ops.add(Tensors.zeros(DType.F32, 10, 8), 0.3); // all radii are 0, and so are all distances
        assertThat(PrecisionRecall.between(same, same.clone(), 3, TileProgress.NONE))
                .isEqualTo(new PrecisionRecall(1, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PrecisionRecall.between(x, x.narrow(0, 0, 3), 3, TileProgress.NONE))
                .withMessageContaining("neighbours is 3, allowed are 1 to 2 with 3 features");
    }

    @Test
    void kernelDistancePairByPair() throws IOException {
        Tensor x = Golden.features("x");
        Tensor y = Golden.features("y");
        assertThat(KernelDistance.ofAll(x, y, TileProgress.NONE))
                .isCloseTo(Golden.number("kid"), withinPercentage(1e-9));
        assertThat(KernelDistance.ofAll(x.narrow(0, 100, 50), y.narrow(0, 50, 70), TileProgress.NONE))
                .isCloseTo(Golden.number("kid_part"), withinPercentage(1e-8));
    }

    /** The subsets' values scatter around that of all pairs by the error that their own deviation tells. */
    @Test
    void kernelDistanceOfSubsets() throws IOException {
        Tensor x = Golden.features("x");
        Tensor y = Golden.features("y");
        KernelDistance found = KernelDistance.ofSubsets(x, y, 200, 60, 5, TileProgress.NONE);
        assertThat(found.mean()).isCloseTo(Golden.number("kid"), within(4 * found.std() / Math.sqrt(200)));
        assertThat(found.std()).isPositive();
        assertThat(KernelDistance.ofSubsets(x, y, 200, 60, 5, TileProgress.NONE))
                .isEqualTo(found);
        assertThat(KernelDistance.ofSubsets(x, y, 200, 60, 6, TileProgress.NONE))
                .isNotEqualTo(found);
        KernelDistance whole = KernelDistance.ofSubsets(
                x.narrow(0, 0, 50), y.narrow(0, 0, 50), 3, 50, 5, TileProgress.NONE); // every subset is all
        assertThat(whole.std()).isLessThan(1e-12);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KernelDistance.ofSubsets(x, y, 10, 261, 5, TileProgress.NONE))
                .withMessageContaining("10 subsets of 261 features, allowed are 1 or more of 2 to 260");
    }

    @Test
    void subsetsAreDrawnWithoutRepetitionAndEvenly() {
        SubsetDraw draw = new SubsetDraw(20, new RandomStream(1, 2));
        int[] drawn = new int[20];
        for (int i = 0; i < 4000; i++) {
            long[] subset = draw.next(5);
            assertThat(Arrays.stream(subset).distinct().count()).isEqualTo(5);
            Arrays.stream(subset).forEach(item -> drawn[(int) item]++);
        }
        for (int count : drawn) {
            assertThat(count).isBetween(850, 1150); // 1000 ± 27 expected
        }
    }

    @Test
    void classAgreement() throws IOException {
        long[] labels = Tensors.longs(Golden.features("labels"));
        ClassAgreement found = ClassAgreement.of(Golden.features("logits"), labels);
        assertThat(found.count()).isEqualTo(203);
        assertThat(found.share()).isCloseTo(Golden.number("agreement"), offset(1e-12));
        labels[7] = 10;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClassAgreement.of(Golden.features("logits"), labels))
                .withMessageContaining("a class is 10, the classifier knows 0 to 9");
    }

    private static double[][] rows(Tensor features) {
        double[] values = Tensors.doubles(features);
        int columns = (int) features.size(1);
        double[][] rows = new double[values.length / columns][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(values, i * columns, (i + 1) * columns));
        return rows;
    }

    private static double share(double[][] samples, double[][] reference) {
        double[] radii = new double[reference.length];
        for (int i = 0; i < reference.length; i++) {
            double[] distances = distances(reference[i], reference);
            Arrays.sort(distances);
            radii[i] = distances[3]; // the first is its own
        }
        return Arrays.stream(samples)
                .mapToDouble(sample -> isInside(distances(sample, reference), radii) ? 1 : 0)
                .average()
                .orElseThrow();
    }

    private static boolean isInside(double[] distances, double[] radii) {
        for (int i = 0; i < radii.length; i++) {
            if (distances[i] <= radii[i]) {
                return true;
            }
        }
        return false;
    }

    private static double[] distances(double[] x, double[][] others) {
        double[] distances = new double[others.length];
        for (int i = 0; i < others.length; i++) {
            for (int c = 0; c < x.length; c++) {
                distances[i] += (x[c] - others[i][c]) * (x[c] - others[i][c]);
            }
        }
        return distances;
    }
}
