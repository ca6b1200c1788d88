package dev.mediator.app.cli.report;

import dev.mediator.app.cli.option.ClassList;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/** The options that choose the images on which schedules are compared. */
public final class CalibrationOptions {
    public static final int MAX_IMAGES = 100_000;
    private static final int MAX_BATCH = 4096;

    @Option(
            names = "--classes",
            paramLabel = "LIST",
            description = "Names or numbers of classes, which images take in turn, or all. Default: ${DEFAULT-VALUE}.",
            defaultValue = "all")
    private String classes = "all";

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the first image; the next has the next number. Default: ${DEFAULT-VALUE}.",
            defaultValue = "0")
    private long seed;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Images made together; changes speed and memory only. Default: ${DEFAULT-VALUE}.",
            defaultValue = "20")
    private int batch;

    public int batch() {
        if (batch < 1 || batch > MAX_BATCH) {
            throw new IllegalArgumentException("--batch is " + batch + ", allowed are 1 to " + MAX_BATCH);
        }
        return batch;
    }

    /** As many images, classes in turn. */
    public List<AnalysisSubject.Sample> images(int count, List<String> classNames) {
        if (seed > Long.MAX_VALUE - (count - 1)) {
            throw new IllegalArgumentException("--seed is " + seed + " with " + count + " images, allowed is at most "
                    + (Long.MAX_VALUE - (count - 1)));
        }
        List<Integer> labels = ClassList.parse(classes, classNames);
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    int label = labels.get(i % labels.size());
                    return new AnalysisSubject.Sample(label, classNames.get(label), seed + i);
                })
                .toList();
    }
}
