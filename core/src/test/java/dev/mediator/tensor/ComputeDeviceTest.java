package dev.mediator.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComputeDeviceTest {
    private static final CudaState TWO_CARDS = new CudaState("13.1", "", "13.1", "9.19", "580.65.06", 2);
    private static final CudaState CPU_NATIVES = new CudaState("", "", "", "", "580.65.06", 0);
    private static final CudaState NO_LIBRARIES =
            new CudaState("13.1", "libcurand.so.10: cannot open shared object file", "", "", "580.65.06", 0);
    private static final CudaState NO_DRIVER = new CudaState("13.1", "", "13.1", "9.19", "", 0);
    private static final CudaState OLD_DRIVER = new CudaState("13.1", "", "13.1", "9.19", "535.183.01", 0);
    private static final CudaState NO_CARD = new CudaState("13.1", "", "13.1", "9.19", "580.65.06", 0);

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @ParameterizedTest
    @CsvSource({
        "cpu, cpu",
        "auto, cuda:0",
        "cuda, cuda:0",
        "cuda:0, cuda:0",
        "cuda:1, cuda:1",
        "CPU, cpu",
        "' Cuda:1 ', cuda:1",
        "AUTO, cuda:0"
    })
    void readsNames(String text, String device) {
        assertThat(ComputeDevice.parse(text, TWO_CARDS)).hasToString(device);
    }

    @ParameterizedTest
    @CsvSource({"gpu", "cuda:", "cuda:-1", "cuda:x", "cuda 1", "''", "cuda:123"})
    void refusesOtherNames(String text) {
        assertThatThrownBy(() -> ComputeDevice.parse(text, TWO_CARDS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("device is '" + text + "', allowed are cpu, auto, cuda and a certain card such as cuda:1");
    }

    @Test
    void saysWhatIsMissing() {
        requireRefused("cuda", CPU_NATIVES, "for the CPU only: build with -Pcuda");
        requireRefused("cuda", NO_LIBRARIES, "libraries of CUDA 13.1 are missing, libcurand.so.10: cannot open");
        requireRefused("cuda:1", NO_DRIVER, "no NVIDIA driver is loaded");
        requireRefused("cuda", OLD_DRIVER, "the NVIDIA driver 535.183.01 is too old for CUDA 13.1, needed is 580");
        requireRefused("cuda", NO_CARD, "the NVIDIA driver 580.65.06 shows no card");
        requireRefused("cuda:2", TWO_CARDS, "the cards are cuda:0 to cuda:1");
    }

    @Test
    void autoTakesTheHostWhereNoCardIs() {
        for (CudaState state : new CudaState[] {CPU_NATIVES, NO_LIBRARIES, NO_DRIVER, OLD_DRIVER, NO_CARD}) {
            assertThat(ComputeDevice.parse("auto", state)).isEqualTo(ComputeDevice.CPU);
            assertThat(ComputeDevice.parse("cpu", state)).isEqualTo(ComputeDevice.CPU);
        }
    }

    /** Whatever natives these tests run with: what is found must be consistent, and finding it must not fail. */
    @Test
    void looksAtThisMachine() {
        CudaState here = CudaState.find();

        assertThat(here.cards() > 0).isEqualTo(here.problem().isEmpty());
        assertThat(ComputeDevice.parse("auto")).isEqualTo(here.best());
    }

    @Test
    void placesTensors() {
        try (Scope scope = Scope.open()) {
            Tensor here = Tensors.of(new float[] {1, 2, 3}, 3);
            Placement rounded = new Placement(ComputeDevice.META, DType.BF16);
            Tensor there = rounded.put(here);

            assertThat(ComputeDevice.CPU.put(here)).isSameAs(here);
            assertThat(ComputeDevice.of(here)).isEqualTo(ComputeDevice.CPU);
            assertThat(Placement.of(there)).isEqualTo(rounded);
            assertThat(Placement.of(Tensors.like(here, there))).isEqualTo(rounded);
            assertThat(Placement.of(rounded.zeros(2, 2))).isEqualTo(rounded);
            assertThat(rounded.holds(there)).isTrue();
            assertThat(rounded.holds(here)).isFalse();
            assertThat(Ops.select(ComputeDevice.META.put(here), 0, 2, 0).shape())
                    .containsExactly(2);
            assertThatThrownBy(() -> there.add(here)).hasMessageContaining("same device");
        }
    }

    private static void requireRefused(String text, CudaState state, String reason) {
        assertThatThrownBy(() -> ComputeDevice.parse(text, state))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("device is '" + text + "', but ")
                .hasMessageContaining(reason);
    }
}
