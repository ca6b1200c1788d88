package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The program as its users start it: {@code ./mediator} in a process of its own. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    @TempDir
    private Path folder;

    @BeforeAll
    static void build(@TempDir Path anywhere) throws Exception {
        ProcessRun run = ProcessRun.of(anywhere, "--version");
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    /** What makes a start slow: a build, or the native libraries. */
    @Test
    void startsWithoutBuildingAndWithoutNatives() throws Exception {
        Path classes = folder.resolve("classes.log");

        ProcessRun run = ProcessRun.through(
                Path.of("/usr/bin/env"),
                folder,
                "JAVA_TOOL_OPTIONS=-Xlog:class+load:file=" + classes,
                "MAVEN_HOME=" + folder,
                ProcessRun.LAUNCHER,
                "--version");

        assertThat(run.out()).startsWith("mediator ");
        assertThat(run.err()).doesNotContain("building");
        assertThat(Files.readString(classes)).contains("dev.mediator.app.Main").doesNotContain("org.bytedeco");
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

    /** As under cron and in containers, where Java would take file names to be ASCII. */
    @ParameterizedTest
    @ValueSource(strings = {"LC_ALL=C", "LC_ALL=POSIX", "LANG=C", "LC_ALL=xx_XX.UTF-8", "UNRELATED=1"})
    void namesOfEveryAlphabetWorkWithoutALocale(String locale) throws Exception {
        Path place = Files.createDirectory(folder.resolve("Fotos \u00e4"));
        Files.writeString(place.resolve("sch\u00f6n"), "just text");

        ProcessRun run = ProcessRun.through(
                Path.of("/usr/bin/env"),
                place,
                "-i",
                "PATH=" + System.getenv("PATH"),
                "HOME=" + System.getProperty("user.home"),
                locale,
                ProcessRun.LAUNCHER,
                "info",
                "sch\u00f6n",
                "--json");

        assertThat(new JsonMapper().readTree(run.out()).path("error").stringValue())
                .startsWith("sch\u00f6n is neither a safetensors nor a PyTorch file");
    }
}
