package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts of {@code bundle/}, with a stand-in for the program. */
@EnabledOnOs(OS.LINUX)
class BundleTest {
    private static final Path BUNDLE = Path.of("..", "bundle").toAbsolutePath().normalize();

    /** Answers each bench with its mediators, but for 16, of which it says that memory is missing. */
    private static final String STAND_IN = """
            #!/bin/sh
            echo "$*" >>"$(dirname "$0")/calls"
            case "$*" in
                *"--mediators 16 "*) echo "mediator: out of memory" >&2; exit 1 ;;
            esac
            printf '{\\n  "rows" : [ ]\\n}\\n'
            """;

    @TempDir
    private Path folder;

    private Path home;

    private record Run(int exitCode, String said) {}

    @BeforeEach
    void bundle() throws IOException {
        home = Files.createDirectory(folder.resolve("mediator"));
        Files.writeString(home.resolve("mediator"), STAND_IN).toFile().setExecutable(true);
        for (String script : List.of("measure", "verify")) {
            Files.copy(BUNDLE.resolve(script), home.resolve(script));
        }
    }

    static Stream<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.list(BUNDLE)) {
            return files.filter(Files::isExecutable).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void scriptsAreScripts(Path script) throws Exception {
        assertThat(run(folder, "sh", "-n", script)).isEqualTo(new Run(0, ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"xz", "gzip"})
    void piecesBecomeABundle(String packer) throws Exception {
        Path pieces = pieces(packer);

        Run run = run(folder, pieces.resolve("assemble"), folder.resolve("target"));

        assertThat(run.exitCode()).as(run.said()).isZero();
        assertThat(folder.resolve("target/mediator/mediator")).hasContent(STAND_IN);
        assertThat(run(folder, pieces.resolve("assemble"), folder.resolve("target")))
                .isEqualTo(new Run(1, "assemble: " + folder + "/target/mediator exists already\n"));
    }

    @Test
    void missingAndDamagedPiecesAreNamed() throws Exception {
        Path pieces = pieces("gzip");
        Files.delete(pieces.resolve("mediator.tar.gz.001"));
        Files.writeString(pieces.resolve("mediator.tar.gz.002"), "something else");

        Run run = run(folder, pieces.resolve("assemble"), folder.resolve("target"));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.said())
                .contains(
                        "mediator.tar.gz.001: FAILED",
                        "mediator.tar.gz.002: FAILED",
                        "transfer those named above again")
                .doesNotContain("mediator.tar.gz.000");
        assertThat(folder.resolve("target")).doesNotExist();
    }

    @Test
    void eachRowIsMeasuredOnceAndFailuresStopNothing() throws Exception {
        Path rows = Files.writeString(folder.resolve("rows"), """
                # a comment
                first  SiT-S/2 32 64   4 bf16 ieee forward,training 9 -
                second SiT-S/2 32 16   4 bf16 ieee forward          9 -
                third  SiT-S/2 32 full 4 fp32 tf32 forward          5 --cuda-graphs
                """);
        Path out = folder.resolve("out");

        Run once = run(folder, home.resolve("measure"), "--device", "cpu", "--rows", rows, out);
        Run again = run(folder, home.resolve("measure"), "--device", "cpu", "--rows", rows, out);

        assertThat(once.exitCode()).isEqualTo(1);
        assertThat(once.said()).contains("out of memory", "second failed");
        assertThat(again.exitCode()).isZero();
        assertThat(Files.readAllLines(out.resolve("rows.jsonl")))
                .containsExactly(
                        "{\"row\":\"first\",\"round\":1,\"side\":\"ours\",\"answer\":{  \"rows\" : [ ]}}",
                        "{\"row\":\"second\",\"round\":1,\"side\":\"ours\",\"error\":\"exit code 1\"}",
                        "{\"row\":\"third\",\"round\":1,\"side\":\"ours\",\"answer\":{  \"rows\" : [ ]}}");
        assertThat(Files.readAllLines(home.resolve("calls")))
                .hasSize(3)
                .last()
                .isEqualTo(
                        "--json bench --device cpu --matmul tf32 --dtype fp32 --preset SiT-S/2 --image-size 32 --channels 4"
                                + " --mediators full --batch 4 --measure forward --runs 5 --cuda-graphs");
    }

    @Test
    void theRowsThatComeAlongAreWhatBenchTakes() throws Exception {
        List<String[]> rows = Files.readAllLines(BUNDLE.resolve("rows")).stream()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split(" +"))
                .toList();

        assertThat(rows).extracting(row -> row[0]).doesNotHaveDuplicates();
        for (String[] row : rows) {
            assertThat(row).as(row[0]).hasSize(10);
            // Refused for its number of runs only, which is looked at last.
            CliRun run = CliRun.of(
                    "bench",
                    "--preset",
                    row[1],
                    "--image-size",
                    row[2],
                    "--mediators",
                    row[3],
                    "--batch",
                    row[4],
                    "--dtype",
                    row[5],
                    "--matmul",
                    row[6],
                    "--measure",
                    row[7] + ",no",
                    "--runs",
                    row[8]);
            assertThat(run.err()).startsWith("mediator: --measure is '" + row[7] + ",no'");
        }
    }

    /** A bundle of the stand-in, in pieces. */
    private Path pieces(String packer) throws Exception {
        Path pieces = Files.createDirectory(folder.resolve("pieces"));
        Files.copy(BUNDLE.resolve("assemble"), pieces.resolve("assemble"));
        String ending = packer.replace("gzip", "gz");
        Run run = run(
                pieces,
                "sh",
                "-c",
                "tar -C .. -cf - mediator | " + packer + " | split -b 200 -d -a 3 - mediator.tar." + ending
                        + ". && sha256sum mediator.tar.* assemble >SHA256SUMS");
        assertThat(run).isEqualTo(new Run(0, ""));
        return pieces;
    }

    private static Run run(Path folder, Object... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>();
        for (Object word : command) {
            words.add(word.toString());
        }
        Process process = new ProcessBuilder(words)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), said);
    }
}
