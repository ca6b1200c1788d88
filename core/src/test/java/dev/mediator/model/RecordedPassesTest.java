package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.StoredParameters;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Recorder;
import dev.mediator.tensor.RerunRecorder;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** When a pass is recorded, what a replay is given, and who owns what. */
class RecordedPassesTest {
    private static final MediatorCount FOUR = new MediatorCount(4);
    private static final MediatorCount SIXTEEN = new MediatorCount(16);
    private static final SitConfig CONFIG =
            new SitConfig(16, 2, 3, 24, 3, 3, 4, 10, false, List.of(FOUR, SIXTEEN, MediatorCount.FULL), null);

    private final RerunRecorder recorder = new RerunRecorder();
    private int computed;

    @BeforeAll
    static void start() {
        Engine.start();
    }

    /** x + the mean of the modulations: both arguments matter. */
    private Tensor pass(Tensor xt, Tensor modulations, MediatorCount mediators) {
        computed++;
        MacCounter.count(7);
        return xt.add(modulations.mean());
    }

    @Test
    void theFirstPassIsDoneTheSecondRecordedAllReplayed() {
        try (Scope scope = Scope.open();
                RecordedPasses passes = new RecordedPasses(recorder)) {
            assertThat(predict(passes, 1, FOUR, 1)).containsExactly(11);
            assertThat(List.of(computed, recorder.recordings(), recorder.replays()))
                    .containsExactly(1, 0, 0);

            assertThat(predict(passes, 1, FOUR, 2)).containsExactly(12);
            assertThat(List.of(recorder.recordings(), recorder.replays())).containsExactly(1, 1);

            assertThat(predict(passes, 1, FOUR, 3)).containsExactly(13);
            assertThat(List.of(recorder.recordings(), recorder.replays())).containsExactly(1, 2);
        }
    }

    @Test
    void eachShapeTypeAndCountHasARecordingOfItsOwn() {
        try (Scope scope = Scope.open();
                RecordedPasses passes = new RecordedPasses(recorder)) {
            for (int round = 0; round < 3; round++) {
                assertThat(predict(passes, 1, FOUR, 1)).containsExactly(11);
                assertThat(predict(passes, 2, FOUR, 1)).containsExactly(11, 11);
                assertThat(predict(passes, 1, SIXTEEN, 1)).containsExactly(11);
                Tensor doubles = Tensors.of(new double[] {5}, 1, 1, 1, 1);
                assertThat(passes.predict(doubles, Tensors.full(1, 1, 3), FOUR, this::pass)
                                .item_double())
                        .isEqualTo(6);
            }
            assertThat(recorder.recordings()).isEqualTo(4);
            assertThat(recorder.replays()).isEqualTo(8);
        }
    }

    @Test
    void aResultStaysWhenTheNextIsMade() {
        try (Scope scope = Scope.open();
                RecordedPasses passes = new RecordedPasses(recorder)) {
            predict(passes, 1, FOUR, 0);
            Tensor x = Tensors.full(10, 1, 1, 1, 1);
            Tensor second = passes.predict(x, Tensors.full(2, 1, 3), FOUR, this::pass);
            Tensor third = passes.predict(x, Tensors.full(3, 1, 3), FOUR, this::pass);

            assertThat(List.of(second.item_double(), third.item_double())).containsExactly(12.0, 13.0);
            assertThat(x.item_double()).isEqualTo(10);
        }
    }

    /** The order in which an image's rows lie in memory is no matter of its values. */
    @Test
    void imagesNeedNotBeContiguous() {
        try (Scope scope = Scope.open();
                RecordedPasses passes = new RecordedPasses(recorder)) {
            Tensor x = new RandomStream(1, 0).normalTensor(0, 1, 2, 3, 4).transpose(2, 3);
            for (int i = 0; i < 3; i++) {
                Tensor predicted = passes.predict(x, Tensors.full(0, 1, 3), FOUR, this::pass);
                assertThat(Tensors.floats(predicted)).containsExactly(Tensors.floats(x));
            }
        }
    }

    @Test
    void everyPassCounts() {
        try (Scope scope = Scope.open();
                RecordedPasses passes = new RecordedPasses(recorder)) {
            for (int i = 0; i < 4; i++) {
                try (MacCounter counter = MacCounter.open()) {
                    predict(passes, 1, FOUR, 1);
                    assertThat(counter.macs()).as("pass %d", i).isEqualTo(7);
                }
            }
        }
    }

    @Test
    void theOnesUsedLastAreKept() {
        try (Scope scope = Scope.open();
                RecordedPasses passes = new RecordedPasses(recorder)) {
            for (int batch = 1; batch <= RecordedPasses.LIMIT; batch++) {
                predict(passes, batch, FOUR, 1);
                predict(passes, batch, FOUR, 1);
            }
            assertThat(recorder.open()).isEqualTo(RecordedPasses.LIMIT);
            predict(passes, 1, FOUR, 1); // so that the least used is that of two images

            predict(passes, 1, SIXTEEN, 1);
            assertThat(recorder.open()).isEqualTo(RecordedPasses.LIMIT - 1);
            int recordings = recorder.recordings();
            predict(passes, 1, FOUR, 1);
            assertThat(recorder.recordings()).as("one image is known").isEqualTo(recordings);
            predict(passes, 2, FOUR, 1);
            predict(passes, 2, FOUR, 1);
            assertThat(recorder.recordings()).as("two images are not").isEqualTo(recordings + 1);
        }
        assertThat(recorder.open()).isZero();
        assertThat(recorder.isClosed()).isTrue();
    }

    @Test
    void aRecordingThatFailsIsAFailureAndNothingElse() {
        Recorder failing = new Recorder() {
            @Override
            public Recording record(Supplier<Tensor> computation) {
                throw new IllegalStateException("no recording");
            }

            @Override
            public void close() {}
        };
        try (Scope scope = Scope.open();
                RecordedPasses passes = new RecordedPasses(failing)) {
            predict(passes, 1, FOUR, 1);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> predict(passes, 1, FOUR, 1)).hasMessage("no recording");
            }
        }
    }

    @Test
    void aNetworkPredictsTheSameBitForBit() {
        try (Scope scope = Scope.open();
                Sit plain = new Sit(CONFIG, new RandomWeights(0.1));
                Sit fixed = fixed(plain, DType.F32);
                Sit recorded = fixed(plain, DType.F32)) {
            recorded.recordPasses(recorder);
            for (int step = 0; step < 12; step++) {
                MediatorCount count = CONFIG.mediators().get(step / 2 % 3);
                float[] times = {0.05f * step, 0.3f};
                try (MacCounter counted = MacCounter.open()) {
                    float[] expected = Tensors.floats(predict(fixed, count, times));
                    long macs = counted.macs();

                    assertThat(Tensors.floats(predict(recorded, count, times))).containsExactly(expected);
                    assertThat(counted.macs()).isEqualTo(2 * macs);
                }
            }
            assertThat(List.of(recorder.recordings(), recorder.replays())).containsExactly(3, 9);
            assertThat(recorder.open()).isEqualTo(3);
        }
        assertThat(recorder.isClosed()).isTrue();
    }

    @Test
    void aProbeSeesARecordedNetworkAtWork() {
        try (Scope scope = Scope.open();
                Sit plain = new Sit(CONFIG, new RandomWeights(0.1));
                Sit recorded = fixed(plain, DType.F32)) {
            recorded.recordPasses(recorder);
            int[] seen = {0};
            for (int i = 0; i < 3; i++) {
                recorded.forward(
                        images(1), Tensors.full(0.5, 1), Tensors.zeros(DType.I64, 1), FOUR, (name, out) -> seen[0]++);
            }
            assertThat(seen[0]).isPositive().isEqualTo(seen[0] / 3 * 3);
            assertThat(recorder.recordings()).isZero();
        }
    }

    @Test
    void onlyAFixedNetworkIsRecordedAndOnce() {
        try (Scope scope = Scope.open();
                Sit plain = new Sit(CONFIG, new RandomWeights(0.1));
                Sit fixed = fixed(plain, DType.F32)) {
            assertThatThrownBy(() -> plain.recordPasses(recorder)).hasMessageContaining("only a fixed network");
            fixed.recordPasses(recorder);
            assertThatThrownBy(() -> fixed.recordPasses(new RerunRecorder())).hasMessageContaining("recorded already");
        }
    }

    /** Images of 10 with modulations of {@code value}. */
    private float[] predict(RecordedPasses passes, int batch, MediatorCount count, double value) {
        return Tensors.floats(
                passes.predict(Tensors.full(10, batch, 1, 1, 1), Tensors.full(value, batch, 3), count, this::pass));
    }

    private static Tensor predict(Sit sit, MediatorCount count, float... t) {
        return sit.forward(images(t.length), Tensors.of(t, t.length), Tensors.of(new long[] {1, 10}, 2), count);
    }

    private static Sit fixed(Sit plain, DType dtype) {
        return Sit.fixed(CONFIG, new StoredParameters(plain.parameters(), dtype));
    }

    private static Tensor images(int batch) {
        return new RandomStream(5, 0).normalTensor(0, batch, 3, 16, 16);
    }
}
