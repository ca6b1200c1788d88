package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./mvnw} and the build of {@code ./mediator} make of a Maven that writes colour codes whatever it is told. */
@DisabledOnOs(OS.WINDOWS)
class ScriptsTest {
    private static final char ESCAPE = '\u001b';
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    private Path home;

    @BeforeEach
    void copyScripts() throws IOException {
        home = folder.resolve("maven");
        Files.createDirectories(folder.resolve(".mvn/wrapper"));
        for (String script : List.of("mediator", "mvnw", ".mvn/find-jdk.sh", ".mvn/wrapper/maven-wrapper.properties")) {
            Files.copy(PROJECT.resolve(script), folder.resolve(script));
        }
        Files.createDirectories(folder.resolve("app/target"));
        Path maven = Files.createDirectories(home.resolve("bin")).resolve("mvn");
        Files.writeString(maven, """
                #!/bin/sh
                if [ "$1" = --version ]; then
                    printf '\\033[1mApache Maven 3.9.9\\033[m\\n'
                    exit 0
                fi
                case $MAVEN_OPTS in
                    *-Djansi.noreset=true*) ;;
                    *) printf '\\033[0m' ;;
                esac
                printf '\\033[1;31mERROR\\033[0m on stdout\\n'
                printf '\\033[1;31mERROR\\033[0m on stderr: %s\\n' "$*" >&2
                exit 7
                """);
        Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void theFirstBuildSaysNothingInColour() throws Exception {
        ProcessRun run = run("mediator", "info");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .doesNotContain(String.valueOf(ESCAPE))
                .contains("\nERROR on stdout\n", "ERROR on stderr: ", " package\n")
                .endsWith("mediator: the build failed; the lines above say why\n");
    }

    @Test
    void mavenIsToldToLeaveColoursOutWhereNobodySeesThem() throws Exception {
        ProcessRun run = run("mvnw", "-q", "validate");

        assertThat(run.exitCode()).isEqualTo(7);
        assertThat(run.out()).startsWith(ESCAPE + "[1;31mERROR");
        assertThat(run.err()).contains("on stderr: -Dstyle.color=never -q validate");
    }

    private ProcessRun run(String script, Object... args) throws Exception {
        Object[] command = new Object[args.length + 2];
        command[0] = "MAVEN_HOME=" + home;
        command[1] = folder.resolve(script);
        System.arraycopy(args, 0, command, 2, args.length);
        return ProcessRun.through(Path.of("/usr/bin/env"), folder, command);
    }
}
