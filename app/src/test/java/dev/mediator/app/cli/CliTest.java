package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** Arguments, help and exit codes: bad usage is one line on stderr and exit code 2. */
class CliTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "info --thread 2 x.safetensors  | unknown option '--thread'; did you mean '--threads'?",
                "info --checksums x.safetensors | unknown option '--checksums'; did you mean '--checksum'?",
                "inof x.safetensors             | unknown command 'inof'; did you mean 'info'?",
                "info a.safetensors b           | unexpected argument 'b'",
                "analyze redundnacy             | unknown command 'redundnacy'; did you mean 'redundancy'? (see ./mediator analyze --help)",
                "analyze attention --querys 1:1 | unknown option '--querys'; did you mean '--queries'?",
                "info --chekcsum                | unknown option '--chekcsum'; did you mean '--checksum'?",
                "info                           | FILE is missing; 'info --device' tells what there is to compute on",
                "info x --threads 0             | threads is 0, allowed are 1 to 1024",
                "info x --threads -3            | threads is -3, allowed are 1 to 1024",
                "--threads 5000 info x          | threads is 5000, allowed are 1 to 1024",
                "info x --threads two           | invalid value for option '--threads': 'two' is not an int",
                "info x --threads               | missing required parameter for option '--threads' (N)",
                "info x --device gpu            | device is 'gpu', allowed are cpu, auto, cuda and a certain card such as cuda:1",
                "info x --device cuda:77        | device is 'cuda:77', but ",
                "sample --device                | --device names no device, allowed are cpu, auto, cuda and a certain card",
                "info x --device                | --device alone asks for devices, and a FILE is named too",
                "bench --cuda-graphs --device cpu | CUDA graphs (--cuda-graphs) are for cards, but the device is 'cpu'",
                "sample --cuda-graphs --device cpu | CUDA graphs (--cuda-graphs) are for cards, but the device is 'cpu'",
                "bench --cuda-graphs --decode 256 --device cpu | --cuda-graphs is given, but it belongs to networks",
                "info x --matmul fast           | the way to multiply is 'fast', allowed are ieee and tf32",
                "info x --dtype fp64            | --dtype is 'fp64', allowed are fp32 and bf16",
            })
    void badUsageIsOneLineAndExitCode2(String line, String message) {
        CliRun run = CliRun.of((Object[]) line.split(" "));

        assertThat(run.err()).startsWith("mediator: " + message).hasLineCount(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void underJsonAFailureIsAnObjectToo() {
        CliRun run = CliRun.of("--json", "info", "x", "--threads", "0");

        JsonNode answer = run.json();
        assertThat(answer.path("error").stringValue()).isEqualTo("threads is 0, allowed are 1 to 1024");
        assertThat(answer.path("exitCode").intValue()).isEqualTo(2);
        assertThat(run.err()).isEqualTo("mediator: threads is 0, allowed are 1 to 1024\n");
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void verboseShowsTheStackTrace() {
        CliRun run = CliRun.of("info", "x", "--threads", "0", "--verbose");

        assertThat(run.err()).contains("mediator: threads is 0", "IllegalArgumentException", "\tat ");
    }

    @Test
    void withoutACommandTheHelpIsShownAsAnError() {
        CliRun run = CliRun.of();

        assertThat(run.err()).contains("Usage: mediator", "Commands:", "info", "Examples:");
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void helpNamesTheCommonOptionsOfEveryCommand() {
        List<String> commands = commands("", new CommandLine(new RootCommand()));

        assertThat(commands).contains("info", "analyze", "analyze redundancy", "analyze attention");
        for (String command : commands) {
            CliRun run = CliRun.of((Object[]) (command + " --help").split(" "));

            assertThat(run.out())
                    .contains("Usage: mediator " + command)
                    .contains("--json", "--threads", "--device", "--dtype", "--verbose", "--version");
            assertThat(run.err()).isEmpty();
            assertThat(run.exitCode()).isZero();
        }
    }

    /** Names of all commands, those of groups after their group's. */
    private static List<String> commands(String group, CommandLine line) {
        List<String> names = new ArrayList<>();
        line.getSubcommands().forEach((name, command) -> {
            names.add(group + name);
            names.addAll(commands(group + name + " ", command));
        });
        return names;
    }

    @Test
    void aGroupWithoutACommandShowsItsHelpAsAnError() {
        CliRun run = CliRun.of("analyze");

        assertThat(run.err()).contains("Usage: mediator analyze", "redundancy", "attention");
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void versionNamesTheProgramAndItsEngine() {
        assertThat(CliRun.of("--version").out())
                .matches("mediator \\d+\\.\\d+\\.\\d+\\S* \\(libtorch \\d+\\.\\d+\\.\\d+, Java \\d+.*\\)\n");
        assertThat(CliRun.of("info", "--version").out())
                .isEqualTo(CliRun.of("-V").out());
        assertThat(CliRun.of("analyze", "redundancy", "--version").out())
                .isEqualTo(CliRun.of("-V").out());
    }
}
