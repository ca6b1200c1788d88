package dev.mediator.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * CPU time up to a moment, as Linux counts it, in hundredths of a second summed over all CPUs.
 *
 * @param all since the machine started
 * @param busy of that, spent by anyone; what a hypervisor took away included
 * @param own of that, spent by this process
 */
record CpuTime(long all, long busy, long own) {
    private static final Path STAT = Path.of("/proc/stat");

    /** Length of Linux's unit in /proc, whatever the kernel's own clock. */
    private static final long MILLIS = 10;

    /** Fields of the first line: user, nice, system, idle, waiting for disks, two kinds of interrupts, stolen; more are parts. */
    private static final int FIELDS = 8;

    private static final int IDLE = 3;
    private static final int WAITING = 4;

    /** Up to now; empty where nothing tells. */
    static Optional<CpuTime> now() {
        Optional<Duration> own = ProcessHandle.current().info().totalCpuDuration();
        if (own.isEmpty() || !Files.isReadable(STAT)) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse(Files.readString(STAT), own.get()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** @param stat content of /proc/stat */
    static CpuTime parse(String stat, Duration own) {
        String line = stat.lines().findFirst().orElse("");
        long[] fields = Arrays.stream(line.split("\\s+"))
                .skip(1)
                .limit(FIELDS)
                .mapToLong(Long::parseLong)
                .toArray();
        long all = LongStream.of(fields).sum();
        return new CpuTime(all, all - fields[IDLE] - fields[WAITING], own.toMillis() / MILLIS);
    }

    /** The share of all CPU time since {@code start} that others spent, 0 to 1. */
    double othersSince(CpuTime start) {
        long others = (busy - start.busy) - (own - start.own);
        return Math.min(1, Math.max(0, others) / (double) Math.max(1, all - start.all));
    }
}
