package dev.mediator.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Network;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Resident memory over thousands of steps: a leak of one state per step would take more than 100 MB here. */
class SamplingMemoryTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Network TINY = (xt, t, y) -> xt.mul(new Scalar(-0.5)).add(t.reshape(-1, 1, 1, 1));
    private static final int STEPS = 2000;
    private static final int BATCH = 16;

    @BeforeAll
    static void startEngine() {
        assumeTrue(Files.isReadable(STATUS), "resident memory is read from /proc");
        Engine.start();
    }

    @Test
    void thousandsOfSdeStepsDoNotGrow() {
        try (Scope scope = Scope.open()) {
            Tensor noise = new RandomStream(1, 0).normalTensor(0, BATCH, 4, 16, 16);
            Sampler sampler = new Sampler(Transport.LINEAR_VELOCITY, SdeConfig.of(SdeSolver.EULER, STEPS));
            assertDoesNotGrow(observer -> sampler.run(TINY, noise, labels(), (step, like) -> noise, observer));
        }
    }

    @Test
    void thousandsOfAdaptiveStepsDoNotGrow() {
        try (Scope scope = Scope.open()) {
            Network fast = (xt, t, y) ->
                    t.mul(new Scalar(8000)).sin().reshape(-1, 1, 1, 1).add(xt, new Scalar(0.1));
            Tensor x0 = new RandomStream(1, 0).normalTensor(0, BATCH, 4, 16, 16);
            OdeConfig config = OdeConfig.of(OdeSolver.DOPRI5, 2).withTolerances(1e-4, 1e-6);
            assertDoesNotGrow(observer -> new Sampler(Transport.LINEAR_VELOCITY, config)
                    .run(fast, x0, labels(), (step, like) -> like, observer));
        }
    }

    @Test
    void thousandsOfGradientsDoNotGrow() {
        try (Scope scope = Scope.open()) {
            Tensor x1 = new RandomStream(1, 0).normalTensor(0, BATCH, 4, 16, 16);
            List<RandomStream> streams = PerSampleNoise.ofSeed(1, 0, BATCH).streams();
            Likelihood likelihood = new Likelihood(Transport.LINEAR_VELOCITY, OdeConfig.of(OdeSolver.EULER, STEPS), 1);
            long[] calls = {0};
            long[] warm = {0};
            Network listening = (xt, t, y) -> {
                calls[0]++;
                if (calls[0] == STEPS / 5) {
                    warm[0] = residentBytes();
                }
                return TINY.predict(xt, t, y);
            };
            likelihood.evaluate(listening, x1, labels(), streams);
            assertThat(residentBytes() - warm[0]).isLessThan(50_000_000);
        }
    }

    private interface Run {
        SamplingResult with(StepObserver observer);
    }

    private static void assertDoesNotGrow(Run run) {
        long[] warm = {0};
        int[] steps = {0};
        run.with(step -> {
            steps[0]++;
            if (steps[0] == STEPS / 5) {
                warm[0] = residentBytes();
            }
        });
        assertThat(warm[0]).isPositive();
        assertThat(residentBytes() - warm[0]).isLessThan(50_000_000);
    }

    private static long residentBytes() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Tensor labels() {
        return Tensors.zeros(DType.I64, BATCH);
    }
}
