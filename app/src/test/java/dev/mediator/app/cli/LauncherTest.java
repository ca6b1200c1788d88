package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The program as its users start it: {@code ./mediator} in a process of its own. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final Path LAUNCHER = Path.of("../mediator").toAbsolutePath().normalize();
    private static final Duration BUILD_TIME = Duration.ofMinutes(5);
    private static final int ATTEMPTS = 8;
    private static final Duration START_TIME = Duration.ofSeconds(3);

    @TempDir
    private Path folder;

    @BeforeAll
    static void build(@TempDir Path anywhere) throws Exception {
        ProcessRun run = run(anywhere, BUILD_TIME, LAUNCHER, "--version");
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    @Test
    void startsWithinThreeSeconds() throws Exception {
        // A busy machine delays some starts, but not all.
        ProcessRun run = run(folder, BUILD_TIME, LAUNCHER, "--version");
        for (int i = 1; i < ATTEMPTS && run.took().compareTo(START_TIME) > 0; i++) {
            run = run(folder, BUILD_TIME, LAUNCHER, "--version");
        }

        assertThat(run.out()).startsWith("mediator ");
        assertThat(run.took()).isLessThan(START_TIME);
    }

    @Test
    void worksFromElsewhereThroughALinkInAFolderWithSpaces() throws Exception {
        Path elsewhere = Files.createDirectory(folder.resolve("some where"));
        Path link = Files.createSymbolicLink(elsewhere.resolve("med iator"), LAUNCHER);
        Files.writeString(elsewhere.resolve("no tensors"), "just text");

        ProcessRun run = run(elsewhere, BUILD_TIME, link, "info", "no tensors", "--json");
        Files.delete(link);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(new JsonMapper().readTree(run.out()).path("error").stringValue())
                .startsWith("no tensors is not a usable safetensors file");
        assertThat(run.err()).startsWith("mediator: no tensors is not").hasLineCount(1);
    }

    @Test
    void badUsageIsExitCode2() throws Exception {
        ProcessRun run = run(folder, BUILD_TIME, LAUNCHER, "info", "--nonsense");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("mediator: unknown option '--nonsense'");
    }

    /** What a process left behind. */
    private record ProcessRun(int exitCode, String out, String err, Duration took) {}

    private static ProcessRun run(Path workingFolder, Duration limit, Path program, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(args));
        Path out = Files.createTempFile("mediator-out", ".txt");
        Path err = Files.createTempFile("mediator-err", ".txt");
        try {
            long start = System.nanoTime();
            Process process = new ProcessBuilder(command)
                    .directory(workingFolder.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            boolean ended = process.waitFor(limit.toSeconds(), TimeUnit.SECONDS);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            if (!ended) {
                process.destroyForcibly();
                throw new IOException(command + " took longer than " + limit);
            }
            return new ProcessRun(process.exitValue(), read(out), read(err), took);
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
