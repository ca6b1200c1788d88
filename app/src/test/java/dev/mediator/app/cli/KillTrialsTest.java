package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A few of the kill trials of {@code benchmarks/faults}: each signal once for the commands that run longest. */
@EnabledOnOs(OS.LINUX)
class KillTrialsTest {
    private static final Path SCRIPT =
            Path.of("../benchmarks/faults/kill-trials").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    @Test
    void nothingIsLost() throws Exception {
        ProcessRun.of(folder, "--version"); // builds

        ProcessRun run = ProcessRun.through(
                SCRIPT, folder, "--trials", 6, "--seed", 1, "--commands", "train,sample", "--out", "trials");

        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        assertThat(run.out()).contains("6 of 6 trials, 0 failed");
        assertThat(folder.resolve("trials")).doesNotExist();
    }

    @Test
    void wrongOptionsAreTold() throws Exception {
        ProcessRun run = ProcessRun.through(SCRIPT, folder, "--trials", "many");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).isEqualTo("kill-trials: --trials and --seed are whole numbers\n");
    }
}
