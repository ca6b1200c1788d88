package dev.mediator.app.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One work, measured.
 *
 * @param work what was done
 * @param millis time of one run, median
 * @param lowerMillis a quarter of the runs took no longer
 * @param upperMillis a quarter of the runs took no less
 * @param minMillis fastest run
 * @param maxMillis slowest run
 * @param gmacs multiply-adds of one run, in 10⁹; gradients included
 * @param gflopsPerSecond at 2 operations per multiply-add, by the median
 * @param shareOfLinear that rate as a share of the large linear call's
 * @param imagesPerSecond by the median; null if it makes no images
 * @param peakMegabytes most memory that was held meanwhile: of a card what its tensors held, weights included; of the host what
 *     the process had resident, Java included; null if unknown
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Row(
        String work,
        double millis,
        double lowerMillis,
        double upperMillis,
        double minMillis,
        double maxMillis,
        double gmacs,
        double gflopsPerSecond,
        double shareOfLinear,
        @Nullable Double imagesPerSecond,
        @Nullable Long peakMegabytes) {
    private static final double LONG_MILLIS = 1e4;

    /** What stands above {@link #line}. */
    public static final String HEADER = String.format(
            Locale.ROOT,
            "  %-18s %12s  %-22s %8s  %9s  %8s  %s",
            "",
            "median",
            "half of the runs",
            "GFLOP/s",
            "of linear",
            "peak MB",
            "images/s");

    /** For people: the median, the quartiles, and what follows from them. */
    public String line() {
        boolean isLong = millis >= LONG_MILLIS;
        double unit = isLong ? 1e3 : 1;
        return String.format(
                        Locale.ROOT,
                        "  %-18s %9.2f %-2s  %-22s %8.1f  %7.0f %%  %8s  %s",
                        work,
                        millis / unit,
                        isLong ? "s" : "ms",
                        String.format(Locale.ROOT, "%.2f to %.2f", lowerMillis / unit, upperMillis / unit),
                        gflopsPerSecond,
                        100 * shareOfLinear,
                        peakMegabytes == null ? "" : peakMegabytes,
                        imagesPerSecond == null ? "" : String.format(Locale.ROOT, "%.3g", imagesPerSecond))
                .stripTrailing();
    }
}
