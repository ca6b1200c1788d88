package dev.mediator.app.cli.cost;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.app.selftest.GoldenResult;
import dev.mediator.app.selftest.SelfTestReport;
import dev.mediator.app.selftest.SelfTestReport.FileReport;
import dev.mediator.app.selftest.SelfTestReport.Status;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@code selftest --json} prints.
 *
 * @param passed names of the files that agree
 * @param failed names of those that do not, or cannot be read
 * @param skipped names of those of unknown kind
 * @param details one entry per file
 */
record SelftestAnswer(List<String> passed, List<String> failed, List<String> skipped, List<FileDetail> details) {
    /**
     * One golden file.
     *
     * @param status {@code passed}, {@code failed} or {@code skipped}
     * @param reason why it failed or was skipped
     */
    record FileDetail(
            String file,
            String status,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String reason,

            List<TensorDetail> tensors) {}

    /**
     * One comparison.
     *
     * @param error null if it is not a number, or nothing was compared
     * @param tolerance null if nothing was compared
     * @param note how the error was measured if not as max|a − b| / max|b|, or why nothing was compared; may be empty
     */
    record TensorDetail(
            String tensor, @Nullable Double error, @Nullable Double tolerance, boolean passed, String note) {}

    static SelftestAnswer of(SelfTestReport report) {
        return new SelftestAnswer(
                report.names(Status.PASSED),
                report.names(Status.FAILED),
                report.names(Status.SKIPPED),
                report.files().stream().map(SelftestAnswer::detail).toList());
    }

    private static FileDetail detail(FileReport file) {
        return new FileDetail(
                file.file(),
                file.status().name().toLowerCase(Locale.ROOT),
                file.reason().isEmpty() ? null : file.reason(),
                file.results().stream().map(SelftestAnswer::detail).toList());
    }

    private static TensorDetail detail(GoldenResult result) {
        return new TensorDetail(
                result.tensor(), number(result.error()), number(result.tolerance()), result.passed(), result.note());
    }

    /** JSON knows no NaN. */
    private static @Nullable Double number(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
