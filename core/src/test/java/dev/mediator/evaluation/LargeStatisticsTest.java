package dev.mediator.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.process.ChildJvm;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * The size of published scores: 50,000 features of 2048 dimensions, in batches as an extractor gives them. In a process of its
 * own, since the memory at its highest is measured. Takes a minute or two: {@code -Dmediator.large=true} runs it.
 */
@EnabledIfSystemProperty(named = "mediator.large", matches = "true")
@EnabledOnOs(OS.LINUX)
class LargeStatisticsTest {
    private static final int COUNT = 50_000;
    private static final int DIMENSION = 2048;
    private static final int BATCH = 50;

    @Test
    void fiftyThousandImagesTakeLessThanAMinuteAndAGigabyte() throws Exception {
        Process process = ChildJvm.start(
                List.of(
                        "-Xmx96m",
                        "-XX:+UseSerialGC",
                        "-Dorg.bytedeco.javacpp.maxBytes=0",
                        "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"),
                LargeStatisticsTest.class);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        String[] numbers = output.strip().split(" ");
        System.out.printf(
                "%s threads: statistics of 50,000 features %s s, distance %s s, %s MB beyond the statistics%n",
                (Object[]) numbers);
        assertThat(Double.parseDouble(numbers[1]) + Double.parseDouble(numbers[2]))
                .isLessThan(60);
        assertThat(Double.parseDouble(numbers[3])).isLessThan(1000);
    }

    /** Prints threads, seconds of the statistics of one set, seconds of the distance, MB beyond the statistics of two. */
    public static void main(String[] args) throws IOException {
        Engine.start();
        try (FeatureStatistics first = new FeatureStatistics(DIMENSION);
                FeatureStatistics second = new FeatureStatistics(DIMENSION)) {
            double seconds = fill(first, 1);
            fill(second, 2);
            Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // the highest mark starts again from here
            double before = megabytes("VmRSS:");
            long start = System.nanoTime();
            try (Scope scope = Scope.open()) {
                FrechetDistance.between(first.gaussian(), second.gaussian());
            }
            System.out.printf(
                    Locale.ROOT,
                    "%d %.1f %.1f %.0f%n",
                    Engine.physicalCores(),
                    seconds,
                    (System.nanoTime() - start) * 1e-9,
                    megabytes("VmHWM:") - before);
        }
    }

    /** Seconds without those of making the features. */
    private static double fill(FeatureStatistics statistics, long seed) throws IOException {
        long nanos = 0;
        for (int i = 0; i < COUNT / BATCH; i++) {
            try (Scope scope = Scope.open()) {
                Tensor features = new RandomStream(seed, i).normalTensor(0, BATCH, DIMENSION);
                long start = System.nanoTime();
                statistics.add(features);
                nanos += System.nanoTime() - start;
            }
        }
        return nanos * 1e-9;
    }

    private static double megabytes(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith(field))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                / 1000.0;
    }
}
