package dev.mediator.app.cli.cost;

import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.selftest.GoldenResult;
import dev.mediator.app.selftest.SelfTest;
import dev.mediator.app.selftest.SelfTestReport;
import dev.mediator.app.selftest.SelfTestReport.FileReport;
import dev.mediator.app.selftest.SelfTestReport.Status;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code selftest}: this machine's numbers against golden ones. */
@Command(
        name = "selftest",
        description = "Compare this machine's numbers with numbers computed elsewhere.",
        footer = {
            "",
            "The error of a tensor is max|a - b| / max|b| over its elements, unless a note says otherwise.",
            "Exit code 1 if anything failed. Files of unknown kind are skipped.",
            "",
            "Examples:",
            "  ./mediator selftest                    the files that come with the program",
            "  ./mediator selftest --summary DIR      one line per file of a folder"
        })
public final class SelftestCommand extends MediatorCommand {
    private static final int NAME_WIDTH = 44;

    @Parameters(
            paramLabel = "DIR",
            arity = "0..1",
            description = "Folder of golden files (*.safetensors). Default: a small set that comes with the program.")
    private @Nullable Path folder;

    @Option(names = "--summary", description = "Show tensors only where one failed.")
    private boolean summary;

    @Override
    protected Result run(Console console) throws IOException {
        if (common().requestedDtype().orElse(DType.F32) != DType.F32) {
            throw new IllegalArgumentException(
                    "--dtype is 'bf16', allowed here is fp32: golden numbers are compared in it");
        }
        ComputeDevice device = common().device();
        SelfTestReport report = folder == null
                ? SelfTest.runBuiltIn(device, file -> print(console, file))
                : SelfTest.run(folder, device, file -> print(console, file));
        console.say(String.format(
                Locale.ROOT,
                "%d passed, %d failed, %d skipped",
                report.names(Status.PASSED).size(),
                report.names(Status.FAILED).size(),
                report.names(Status.SKIPPED).size()));
        SelftestAnswer answer = SelftestAnswer.of(report);
        return report.isPassed() ? Result.ok(answer) : Result.failed(answer);
    }

    private void print(Console console, FileReport file) {
        console.say(headline(file));
        for (GoldenResult result : file.results()) {
            if (!summary || !result.passed()) {
                console.say(line(result));
            }
        }
    }

    private static String headline(FileReport file) {
        String status =
                file.status() == Status.FAILED ? "FAILED" : file.status().name().toLowerCase(Locale.ROOT);
        return String.format(
                Locale.ROOT,
                "%-7s  %s%s",
                status,
                file.file(),
                file.reason().isEmpty() ? worst(file) : ": " + file.reason());
    }

    /** The comparison that is nearest to its tolerance. */
    private static String worst(FileReport file) {
        List<GoldenResult> compared =
                file.results().stream().filter(GoldenResult::wasCompared).toList();
        return compared.stream()
                .max(Comparator.comparingDouble(r -> r.error() == 0 ? 0 : r.error() / r.tolerance()))
                .map(r -> String.format(
                        Locale.ROOT,
                        ": %d comparisons, the worst %.1e of %.0e allowed (%s)",
                        compared.size(),
                        r.error(),
                        r.tolerance(),
                        r.tensor()))
                .orElse("");
    }

    private static String line(GoldenResult result) {
        String name = "  %-" + NAME_WIDTH + "s";
        String note = result.note().isEmpty() ? "" : "  " + result.note();
        if (!result.wasCompared()) {
            return String.format(Locale.ROOT, name + "  %s", result.tensor(), result.note());
        }
        return String.format(
                Locale.ROOT,
                name + "  %8.1e of %.0e  %s%s",
                result.tensor(),
                result.error(),
                result.tolerance(),
                result.passed() ? "pass" : "FAIL",
                note);
    }
}
