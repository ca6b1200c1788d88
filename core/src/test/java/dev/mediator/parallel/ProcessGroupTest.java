package dev.mediator.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessGroupTest {
    /** Fewer elements than processes, sections of different lengths, and several pieces per section. */
    @ParameterizedTest
    @CsvSource({"2, 1", "2, 5", "3, 2", "3, 1000003", "5, 4099"})
    void tensorsAreAddedUpToTheSameBitsEverywhere(int size, int length) throws Exception {
        List<float[]> sums = Processes.run(size, group -> {
            try (Scope scope = Scope.open()) {
                Tensor tensor = Tensors.of(values(group.member().rank(), length), length);
                group.sum(tensor);
                return Tensors.floats(tensor);
            }
        });

        double[] expected = new double[length];
        for (int rank = 0; rank < size; rank++) {
            float[] values = values(rank, length);
            for (int i = 0; i < length; i++) {
                expected[i] += values[i];
            }
        }
        for (float[] sum : sums) {
            assertThat(sum).isEqualTo(sums.get(0));
        }
        for (int i = 0; i < length; i++) {
            assertThat((double) sums.get(0)[i]).isCloseTo(expected[i], org.assertj.core.api.Assertions.within(1e-5));
        }
    }

    /** Shapes, other element types, and many sums one after the other. */
    @Test
    void sumsFollowEachOther() throws Exception {
        List<Double> ends = Processes.run(3, group -> {
            try (Scope scope = Scope.open()) {
                Tensor tensor = Tensors.full(1, 4, 7);
                for (int i = 0; i < 10; i++) {
                    group.sum(tensor);
                    assertThat(group.sum(group.member().rank(), 0.5)).containsExactly(3, 1.5);
                }
                return Tensors.maxAbs(tensor);
            }
        });
        assertThat(ends).containsOnly(Math.pow(3, 10));
    }

    @ParameterizedTest
    @CsvSource({"2, F32, 3", "3, BF16, 2000000", "4, I64, 17"})
    void broadcastsAreThoseOfProcess0(int size, DType dtype, int length) throws Exception {
        List<float[]> received = Processes.run(size, group -> {
            try (Scope scope = Scope.open()) {
                Tensor tensor = Tensors.to(
                        Tensors.of(values(group.member().rank(), length), length)
                                .mul(new org.bytedeco.pytorch.Scalar(100)),
                        dtype);
                group.broadcast(tensor);
                return Tensors.floats(tensor);
            }
        });

        assertThat(received.get(0)).doesNotContain(Float.NaN);
        for (float[] values : received) {
            assertThat(values).isEqualTo(received.get(0));
        }
    }

    @Test
    void textsAndNumbersAreThoseOfProcess0() throws Exception {
        String text = "Größe ".repeat(20_000);
        List<List<Object>> heard = Processes.run(3, group -> {
            boolean first = group.member().isFirst();
            List<Object> all = new ArrayList<>();
            all.add(group.fromFirst(first ? text : "other"));
            all.add(group.fromFirst(first ? "" : "other"));
            all.add(group.fromFirst(first ? 0.1 + 0.2 : -1));
            all.add(group.fromFirst(first ? Double.NaN : 0));
            return all;
        });
        assertThat(heard).hasSize(3).allMatch(List.of(text, "", 0.1 + 0.2, Double.NaN)::equals);
    }

    /** In the star, in the ring, and by those who hear of it from process 0 only. */
    @ParameterizedTest
    @CsvSource({"2, 1, true", "2, 0, true", "2, 1, false", "2, 0, false", "4, 2, true", "4, 2, false", "3, 0, true"})
    void aProcessThatLeavesEndsTheWaitingOfTheOthers(int size, int leaver, boolean inTheStar) throws Exception {
        List<Optional<String>> messages = Processes.run(size, group -> {
            if (group.member().rank() == leaver) {
                return Optional.empty();
            }
            try (Scope scope = Scope.open()) {
                Tensor large = Tensors.full(1, 3_000_000);
                if (inTheStar) {
                    group.sum(1.0);
                }
                group.sum(large);
                return Optional.of("nobody has noticed");
            } catch (LostProcessException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
        });

        for (int rank = 0; rank < size; rank++) {
            if (rank != leaver) {
                assertThat(messages.get(rank).orElseThrow())
                        .matches("process " + (inTheStar ? leaver : "\\d") + " of " + size + " has gone: .+");
            }
        }
    }

    @Test
    void aSingleProcessIsItsOwnSum() throws Exception {
        try (ProcessGroup group = ProcessGroup.single(ComputeDevice.CPU);
                Scope scope = Scope.open()) {
            Tensor tensor = Tensors.full(2, 3);
            group.sum(tensor);
            group.broadcast(tensor);

            assertThat(Tensors.floats(tensor)).containsOnly(2);
            assertThat(group.sum(1, 2)).containsExactly(1, 2);
            assertThat(group.fromFirst("text")).isEqualTo("text");
            assertThat(group.member()).isEqualTo(Member.ALONE);
        }
    }

    @Test
    void onlyWhatCanBeAddedUpIsTaken() throws Exception {
        List<Integer> refused = Processes.run(2, group -> {
            try (Scope scope = Scope.open()) {
                assertThatThrownBy(() -> group.sum(Tensors.zeros(DType.F64, 2)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("sums over processes are of fp32, this tensor is F64");
                assertThatThrownBy(
                                () -> group.sum(Tensors.zeros(DType.F32, 2, 3).t()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("the tensor must be contiguous");
                return 1;
            }
        });
        assertThat(refused).containsExactly(1, 1);
    }

    private static float[] values(int rank, int length) {
        return new RandomStream(7, rank).normals(0, length);
    }
}
