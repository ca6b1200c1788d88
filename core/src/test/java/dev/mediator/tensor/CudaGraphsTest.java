package dev.mediator.tensor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CudaGraphsTest {
    @BeforeAll
    static void start() {
        Engine.start();
    }

    @Test
    void areForCardsOnly() {
        for (ComputeDevice device : new ComputeDevice[] {ComputeDevice.CPU, ComputeDevice.META}) {
            assertThatThrownBy(() -> CudaGraphs.on(device))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("CUDA graphs (--cuda-graphs) are for cards, but the device is '" + device + "'");
        }
    }

    /** Whatever is missing here, be it natives, a library, the driver or the card: no such card can be had. */
    @Test
    void whatIsMissingIsToldInOneLine() {
        assertThatThrownBy(() -> CudaGraphs.on(ComputeDevice.cuda(99)))
                .isInstanceOf(CudaException.class)
                .hasMessageStartingWith("CUDA graphs (--cuda-graphs): ")
                .hasMessageNotContaining("\n")
                .hasCauseInstanceOf(Throwable.class);
    }
}
