package dev.mediator.analysis;

import dev.mediator.analysis.AttentionStudy.Visitor;
import dev.mediator.generation.ImageRequest;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The redundancy score of every layer along sampling trajectories.
 *
 * @param tokens N
 * @param heads M
 * @param pairs how many pairs of rows were compared in each sample, layer and step; null for all of them
 * @param points layer by layer, in the order of time
 */
public record RedundancyProfile(
        int tokens, int heads, @Nullable Integer pairs, List<Point> points) {
    private static final long PAIR_STREAM = 1; // stream 0 of a sample's seed is its noise
    private static final int BATCH = 8;

    /**
     * The score of a layer at one time.
     *
     * @param layer number of the block, from 0
     * @param step number of the step, from 0, at whose start the layer was looked at
     * @param t time there, 0 noise to 1 data
     * @param score mean over samples, 0 to ln 2; low is redundant
     * @param normalised the same divided by ln 2
     * @param standardError of {@code score}, from how much samples differ; null for a single sample
     * @param pairStandardError what comparing some pairs only contributes to the error of {@code score}; 0 if exact
     */
    public record Point(
            int layer,
            int step,
            double t,
            double score,
            double normalised,
            @Nullable Double standardError,
            double pairStandardError) {}

    public RedundancyProfile {
        points = List.copyOf(points);
    }

    /**
     * Measures trajectories of a study.
     *
     * @param requests the samples: their classes and seeds, at least one
     * @param every looks at step 0 and every that many steps, at least 1
     * @param pairs pairs of rows to compare if there are more than {@link Redundancy#EXACT_TOKENS} tokens
     * @param afterEach called after each score, {@link #scores} times; throwing ends the measurement
     */
    public static RedundancyProfile measure(
            AttentionStudy study, List<ImageRequest> requests, int every, int pairs, Runnable afterEach) {
        Redundancy.requirePairs(pairs);
        if (every < 1) {
            throw new IllegalArgumentException("every is " + every + ", allowed is 1 or more");
        }
        List<Map<Integer, Series>> layers = new ArrayList<>(); // of each layer by step
        for (int layer = 0; layer < study.sit().config().depth(); layer++) {
            layers.add(new TreeMap<>());
        }
        for (int first = 0; first < requests.size(); first += BATCH) {
            List<ImageRequest> batch = requests.subList(first, Math.min(requests.size(), first + BATCH));
            try (Scope scope = Scope.open()) {
                Visitor visitor = (step, sample, layer, maps) -> {
                    RandomStream stream = new RandomStream(batch.get(sample).seed(), PAIR_STREAM);
                    double t = step.estimate().t().get(sample);
                    layers.get(layer)
                            .computeIfAbsent(step.index(), i -> new Series(layer, i, t, new ArrayList<>()))
                            .samples()
                            .add(Redundancy.of(maps.get(), pairs, stream));
                    afterEach.run();
                };
                study.generator()
                        .sample(batch, study.plan(), study.observer(batch, step -> step.index() % every == 0, visitor));
            }
        }
        int tokens = study.sit().config().tokens();
        return new RedundancyProfile(
                tokens,
                study.sit().config().heads(),
                tokens <= Redundancy.EXACT_TOKENS ? null : pairs,
                layers.stream()
                        .flatMap(steps -> steps.values().stream())
                        .map(Series::toPoint)
                        .toList());
    }

    /** How many scores a measurement computes: those of each sample, layer and step. */
    public static long scores(AttentionStudy study, int samples, int every) {
        int steps = (study.steps() - 1) / every + 1;
        return (long) samples * steps * study.sit().config().depth();
    }

    /** The points of each layer, in the order of time. */
    public List<List<Point>> byLayer() {
        Map<Integer, List<Point>> layers =
                points.stream().collect(Collectors.groupingBy(Point::layer, TreeMap::new, Collectors.toList()));
        return List.copyOf(layers.values());
    }

    /** The normalised score at each time, averaged over layers. */
    public List<Double> meanOverLayers() {
        List<List<Point>> layers = byLayer();
        return IntStream.range(0, layers.get(0).size())
                .mapToObj(i -> layers.stream()
                        .mapToDouble(layer -> layer.get(i).normalised())
                        .average()
                        .orElseThrow())
                .toList();
    }

    /** A table with a line per point: {@code layer,step,t,score,normalised,standard_error,pair_standard_error}. */
    public String toCsv() {
        StringBuilder csv = new StringBuilder("layer,step,t,score,normalised,standard_error,pair_standard_error\n");
        for (Point p : points) {
            List<Object> cells = List.of(
                    p.layer(),
                    p.step(),
                    p.t(),
                    p.score(),
                    p.normalised(),
                    p.standardError() == null ? "" : p.standardError(),
                    p.pairStandardError());
            csv.append(cells.stream().map(String::valueOf).collect(Collectors.joining(",", "", "\n")));
        }
        return csv.toString();
    }

    /** The scores of a layer at one step, sample by sample. */
    private record Series(int layer, int step, double t, List<Redundancy> samples) {
        Point toPoint() {
            int n = samples.size();
            double mean =
                    samples.stream().mapToDouble(Redundancy::score).average().orElseThrow();
            double squares = samples.stream()
                    .mapToDouble(s -> Math.pow(s.score() - mean, 2))
                    .sum();
            double pairSquares = samples.stream()
                    .mapToDouble(s -> Math.pow(s.standardError(), 2))
                    .sum();
            return new Point(
                    layer,
                    step,
                    t,
                    mean,
                    new Redundancy(mean, 0).normalised(),
                    n < 2 ? null : Math.sqrt(squares / (n - 1) / n),
                    Math.sqrt(pairSquares) / n);
        }
    }
}
