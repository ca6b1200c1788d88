package dev.mediator.app.selftest;

import java.util.List;

/**
 * What a self-test found.
 *
 * @param files one entry per golden file, in the order of their names
 */
public record SelfTestReport(List<FileReport> files) {
    /** How a golden file came out. */
    public enum Status {
        /** Everything that can be compared was, and agrees. */
        PASSED,
        /** Something does not agree, or the file cannot be read. */
        FAILED,
        /** No check knows this kind of file. */
        SKIPPED
    }

    /**
     * The findings of one golden file.
     *
     * @param file its name without folder
     * @param reason why there are no findings, or why they are incomplete; empty if there is nothing to say
     * @param results one per comparison, in the order they were made
     */
    public record FileReport(String file, Status status, String reason, List<GoldenResult> results) {
        public FileReport {
            results = List.copyOf(results);
        }

        static FileReport skipped(String file, String reason) {
            return new FileReport(file, Status.SKIPPED, reason, List.of());
        }

        static FileReport failed(String file, String reason) {
            return new FileReport(file, Status.FAILED, reason, List.of());
        }

        /** Passed if all results did and at least one of them was a comparison. */
        static FileReport of(String file, List<GoldenResult> results) {
            if (results.stream().noneMatch(GoldenResult::wasCompared)) {
                return new FileReport(file, Status.FAILED, "it holds nothing that could be compared", results);
            }
            long failed = results.stream().filter(r -> !r.passed()).count();
            return failed == 0
                    ? new FileReport(file, Status.PASSED, "", results)
                    : new FileReport(
                            file, Status.FAILED, failed + " of " + results.size() + " comparisons failed", results);
        }
    }

    public SelfTestReport {
        files = List.copyOf(files);
    }

    /** Names of the files of a status. */
    public List<String> names(Status status) {
        return files.stream()
                .filter(f -> f.status() == status)
                .map(FileReport::file)
                .toList();
    }

    /** True if no file failed. */
    public boolean isPassed() {
        return names(Status.FAILED).isEmpty();
    }
}
