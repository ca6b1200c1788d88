package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The program as its users start it: {@code ./mediator} in a process of its own. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final int ATTEMPTS = 8;
    private static final Duration START_TIME = Duration.ofSeconds(3);

    @TempDir
    private Path folder;

    @BeforeAll
    static void build(@TempDir Path anywhere) throws Exception {
        ProcessRun run = ProcessRun.of(anywhere, "--version");
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    @Test
    void startsWithinThreeSeconds() throws Exception {
        // A busy machine delays some starts, but not all.
        ProcessRun run = ProcessRun.of(folder, "--version");
        for (int i = 1; i < ATTEMPTS && run.took().compareTo(START_TIME) > 0; i++) {
            run = ProcessRun.of(folder, "--version");
        }

        assertThat(run.out()).startsWith("mediator ");
        assertThat(run.took()).isLessThan(START_TIME);
    }

    @Test
    void worksFromElsewhereThroughALinkInAFolderWithSpaces() throws Exception {
        Path elsewhere = Files.createDirectory(folder.resolve("some where"));
        Path link = Files.createSymbolicLink(elsewhere.resolve("med iator"), ProcessRun.LAUNCHER);
        Files.writeString(elsewhere.resolve("no tensors"), "just text");

        ProcessRun run = ProcessRun.through(link, elsewhere, "info", "no tensors", "--json");
        Files.delete(link);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(new JsonMapper().readTree(run.out()).path("error").stringValue())
                .startsWith("no tensors is neither a safetensors nor a PyTorch file");
        assertThat(run.err()).startsWith("mediator: no tensors is neither").hasLineCount(1);
    }

    @Test
    void badUsageIsExitCode2() throws Exception {
        ProcessRun run = ProcessRun.of(folder, "info", "--nonsense");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("mediator: unknown option '--nonsense'");
    }
}
