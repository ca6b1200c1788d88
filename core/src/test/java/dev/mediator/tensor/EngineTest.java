package dev.mediator.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineTest {
    @AfterEach
    void defaultThreads() {
        Engine.start(Engine.physicalCores());
    }

    /**
     * OpenBLAS must not bring threads of its own: beside libtorch's OpenMP threads they make fp32 products several times
     * slower. (Times are no part of this test, they say nothing on a busy machine.)
     */
    @Test
    void thereIsOneThreadPool() {
        openblas_nolapack.blas_set_num_threads(4);
        Engine.start(2);
        assertThat(openblas_nolapack.blas_get_num_threads()).isEqualTo(1);
        assertThat(torch.get_num_threads()).isEqualTo(2);
    }

    @Test
    void theThreadCountCanBeChanged() {
        Engine.start(1);
        assertThat(Engine.threads()).isEqualTo(1);
        Engine.start();
        assertThat(Engine.threads()).as("starting again changes nothing").isEqualTo(1);
        Engine.start(3);
        assertThat(Engine.threads()).isEqualTo(3);
    }

    @Test
    void thereIsAtLeastOneCoreAndNoMoreThanProcessors() {
        assertThat(Engine.physicalCores()).isBetween(1, Runtime.getRuntime().availableProcessors());
    }

    @Test
    void offlineProcessorsAndGapsEndNothing(@TempDir Path processors) throws Exception {
        processor(processors, 0, "0,4");
        processor(processors, 1, "1,5");
        Files.createDirectories(processors.resolve("cpu2")); // offline: no topology
        processor(processors, 4, "0,4"); // and no cpu3
        processor(processors, 5, "1,5");
        processor(processors, 6, "6");
        Files.writeString(processor(processors, 7, "7").resolve("online"), "0\n");
        Files.writeString(processor(processors, 5000, "5000").resolve("online"), "1\n"); // of another socket
        Files.createDirectories(processors.resolve("cpufreq"));
        Files.createDirectories(processors.resolve("cpuidle"));

        assertThat(Engine.physicalCores(processors)).isEqualTo(4);
    }

    @Test
    void withoutATopologyNothingIsCounted(@TempDir Path processors) {
        assertThat(Engine.physicalCores(processors)).isZero();
        assertThat(Engine.physicalCores(processors.resolve("missing"))).isZero();
    }

    private static Path processor(Path processors, int number, String siblings) throws Exception {
        Path folder = processors.resolve("cpu" + number);
        Files.createDirectories(folder.resolve("topology"));
        Files.writeString(folder.resolve("topology/thread_siblings_list"), siblings + "\n");
        return folder;
    }

    @Test
    void threadCountsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> Engine.start(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("threads is 0, allowed are 1 to 1024");
        assertThatThrownBy(() -> Engine.start(1025)).hasMessage("threads is 1025, allowed are 1 to 1024");
    }
}
