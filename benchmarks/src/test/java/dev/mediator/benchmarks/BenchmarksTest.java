package dev.mediator.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

class BenchmarksTest {
    /** Once each, on a few tokens. */
    @Test
    void everyBenchmarkRuns() throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .forks(0)
                        .mode(Mode.SingleShotTime)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .param("batch", "2")
                        .param("tokens", "64")
                        .param("width", "64")
                        .param("dtype", "fp32", "bf16")
                        .param("mediators", "16")
                        .param("parameters", "1000")
                        .param("side", "8")
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();

        Set<String> inTypes = results.stream()
                .filter(result -> "bf16".equals(result.getParams().getParam("dtype")))
                .map(BenchmarksTest::name)
                .collect(Collectors.toSet());
        assertThat(inTypes)
                .containsExactlyInAnyOrder(
                        "DepthwiseConvolutionBenchmark.convolution",
                        "LinearBenchmark.oneDnn",
                        "LinearBenchmark.oneDnnPacked",
                        "LinearBenchmark.oneDnnPackedWithGelu",
                        "LinearBenchmark.torchLinear",
                        "LinearBenchmark.torchLinearThenGelu",
                        "MediatorAttentionBenchmark.attention",
                        "MediatorAttentionBenchmark.pooling",
                        "MediatorAttentionBenchmark.positionBiases",
                        "ModulationBenchmark.gatedResidual",
                        "ModulationBenchmark.normAndModulate",
                        "SoftmaxAttentionBenchmark.attention",
                        "TimeEmbeddingBenchmark.embedding");
        List<String> others = results.stream()
                .filter(result -> result.getParams().getParam("dtype") == null)
                .map(BenchmarksTest::name)
                .toList();
        assertThat(others)
                .containsExactlyInAnyOrder("GroupSumBenchmark.sum", "NoiseBenchmark.draw", "OptimizerBenchmark.step");
        assertThat(results)
                .allSatisfy(result ->
                        assertThat(result.getPrimaryResult().getScore()).isPositive());
    }

    private static String name(RunResult result) {
        return result.getParams()
                .getBenchmark()
                .substring(BenchmarksTest.class.getPackageName().length() + 1);
    }
}
