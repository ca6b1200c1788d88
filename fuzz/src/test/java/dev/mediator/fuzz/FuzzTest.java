package dev.mediator.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Fuzzes every target for its share of {@code fuzz.seconds}. What makes one fail is written to {@code
 * target/findings}; put it among the resources of the reader's tests, where it stays as a regression test.
 */
class FuzzTest {
    private static final Path FINDINGS = Path.of("target/findings").toAbsolutePath();

    /** Only a fuzzer that hangs takes so much longer than it was told to. */
    private static final long GRACE_SECONDS = 900;

    /** Only for a reader that hangs; how much work it may do is counted, see {@link FuzzedFile}. */
    private static final int HANGS_AFTER_SECONDS = 600;

    /** What is fuzzed, and where it starts. */
    enum Target {
        TENSOR_FILE(TensorFileFuzzer.class) {
            @Override
            void writeSeeds(Path folder) throws IOException {
                Seeds.wholeFiles(folder);
            }
        },
        PICKLE(PickleFuzzer.class) {
            @Override
            void writeSeeds(Path folder) throws IOException {
                Seeds.pickles(folder);
            }
        },
        SAFETENSORS(SafeTensorsFuzzer.class) {
            @Override
            void writeSeeds(Path folder) throws IOException {
                Seeds.headers(folder);
            }
        },
        NUMPY(NumpyFuzzer.class) {
            @Override
            void writeSeeds(Path folder) throws IOException {
                Seeds.archives(folder);
            }
        };

        private final Class<?> fuzzer;

        Target(Class<?> fuzzer) {
            this.fuzzer = fuzzer;
        }

        abstract void writeSeeds(Path folder) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void nothingButRefusals(Target target) throws IOException, InterruptedException {
        assumeTrue(target.name().contains(System.getProperty("fuzz.target", "")));
        Path corpus = Files.createDirectories(Path.of("target/corpus", target.name()));
        Path seeds = Files.createDirectories(Path.of("target/seeds", target.name()));
        target.writeSeeds(seeds);
        Files.createDirectories(FINDINGS);
        Path log = Path.of("target", target.name() + ".log");
        long seconds = seconds(target);

        Process fuzzing = new ProcessBuilder(command(target, seconds, corpus, seeds))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = fuzzing.waitFor(seconds + GRACE_SECONDS, TimeUnit.SECONDS);
        fuzzing.destroyForcibly();

        List<String> lines = Files.readAllLines(log);
        assertThat(ended).as("ended by itself, see " + log).isTrue();
        assertThat(fuzzing.waitFor())
                .as(String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size())))
                .isZero();
        assertThat(lines).as("a run that did something").anyMatch(line -> line.matches("#\\d+\\s+DONE.*"));
    }

    private static long seconds(Target target) {
        long all = Long.parseLong(System.getProperty("fuzz.seconds", "60"));
        boolean isAlone = target.name().equals(System.getProperty("fuzz.target", ""));
        return isAlone ? all : Math.max(1, all / Target.values().length);
    }

    private static List<String> command(Target target, long seconds, Path corpus, Path seeds) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Dorg.bytedeco.javacpp.maxBytes=0",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.fuzzer.getName(),
                "--instrumentation_includes=dev.mediator.checkpoint.**",
                "--custom_hook_includes=dev.mediator.**",
                "--reproducer_path=" + FINDINGS,
                "-artifact_prefix=" + FINDINGS + "/",
                "-max_total_time=" + seconds,
                "-timeout=" + HANGS_AFTER_SECONDS,
                "-rss_limit_mb=0",
                "-max_len=20000",
                "-print_final_stats=1",
                corpus.toString(),
                seeds.toString());
    }
}
