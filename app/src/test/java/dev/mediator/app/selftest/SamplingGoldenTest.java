package dev.mediator.app.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** This build's transport and samplers against the golden numbers. */
class SamplingGoldenTest {
    private static final Path FOLDER = Path.of("src/test/resources/golden");
    private static final Map<String, GoldenCheck> CHECKS = Map.of(
            "transport_path", new TransportPathCheck(),
            "transport_losses", new TransportLossCheck(),
            "transport_intervals", new TransportIntervalCheck(),
            "sampler_sde", new SdeCheck(),
            "sampler_ode", new OdeCheck(),
            "sampler_sit", new SamplerSitCheck());

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @ParameterizedTest
    @CsvSource({
        "transport_path, 72, 72",
        "transport_losses, 27, 0",
        "transport_intervals, 2, 0",
        "sampler_sde, 538, 22",
        "sampler_ode, 96, 3",
        "sampler_sit, 7, 2"
    })
    void everyGoldenTensorAgreesOrIsSkippedForTheReasonItStates(String name, int compared, int skipped)
            throws IOException {
        List<GoldenResult> results = run(FOLDER, name);
        assertThat(results).filteredOn(r -> !r.passed()).isEmpty();
        assertThat(results).filteredOn(GoldenResult::wasCompared).hasSize(compared);
        assertThat(results).filteredOn(r -> !r.wasCompared()).hasSize(skipped).allMatch(r -> !r.note()
                .isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "transport_path, VP.drift_mean",
        "transport_losses, loss.GVP.score.likelihood",
        "transport_intervals, interval.value.f64",
        "sampler_sde, traj.Linear.noise.eps1e-3.Heun.sigma.Tweedie",
        "sampler_ode, likelihood.euler.logp",
        "sampler_sit, ode.dopri5"
    })
    void aCorruptedGoldenFails(String name, String tensor, @TempDir Path folder) throws IOException {
        corrupt(name, tensor, folder);
        assertThat(run(folder, name))
                .filteredOn(r -> !r.passed())
                .extracting(GoldenResult::tensor)
                .containsExactly(tensor);
    }

    @Test
    void checksCoverTheirOwnFilesOnly() throws IOException {
        for (String name : CHECKS.keySet()) {
            try (SafeTensors file = SafeTensors.open(FOLDER.resolve(name + ".safetensors"))) {
                CHECKS.forEach((other, check) -> {
                    assertThat(check.covers(name, file)).isEqualTo(other.equals(name));
                    assertThat(check.covers(name + ".safetensors", file)).isEqualTo(other.equals(name));
                });
            }
        }
    }

    private static List<GoldenResult> run(Path folder, String name) throws IOException {
        GoldenCheck check = Objects.requireNonNull(CHECKS.get(name));
        try (SafeTensors file = SafeTensors.open(folder.resolve(name + ".safetensors"))) {
            return check.run(file, ComputeDevice.CPU);
        }
    }

    /** Copies a golden file with a thousandth of its maximum added to one element of one tensor. */
    private static void corrupt(String name, String tensor, Path folder) throws IOException {
        Path network = Path.of("sit_tiny_m16_ls.safetensors"); // what some files need beside them
        Files.copy(FOLDER.resolve(network), folder.resolve(network));
        try (SafeTensors file = SafeTensors.open(FOLDER.resolve(name + ".safetensors"));
                Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>(file.all());
            double[] values = Tensors.doubles(file.get(tensor));
            double largest = Arrays.stream(values)
                    .filter(Double::isFinite)
                    .map(Math::abs)
                    .max()
                    .orElseThrow();
            values[values.length / 2] += 1e-3 * largest;
            Tensor corrupted = Tensors.of(values, file.get(tensor).shape());
            tensors.put(tensor, corrupted.to(file.get(tensor).scalar_type()));
            SafeTensorsWriter.write(folder.resolve(name + ".safetensors"), tensors, file.metadata());
        }
    }
}
