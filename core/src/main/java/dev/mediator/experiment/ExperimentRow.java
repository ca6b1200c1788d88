package dev.mediator.experiment;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.tuning.Average;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A network sampled by a schedule: averages over the seeds, whose deviation is that between sets of samples.
 *
 * @param number in the table, from 1
 * @param run whose network
 * @param schedule how it is sampled
 * @param kind in the plot
 * @param gflops multiply-adds per sample in 10⁹, counted
 * @param fd Fréchet distance
 * @param beyondLine for dynamic schedules of a run that has two or more static ones: Fréchet distance, less that of a mix of the
 *     two neighbouring static ones at the same cost. The difference is taken seed by seed, on the same noise. Below 0 the
 *     schedule is worth its trouble
 * @param is inception score
 * @param precision of the samples
 * @param recall of the samples
 * @param kid kernel distance
 * @param classAgreement share of samples that the classifier takes for the class asked for
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ExperimentRow(
        int number,
        String run,
        String schedule,
        Kind kind,
        Average gflops,
        Average fd,
        @Nullable Average beyondLine,
        @Nullable Average is,
        @Nullable Average precision,
        @Nullable Average recall,
        @Nullable Average kid,
        @Nullable Average classAgreement) {
    /** What rows are grouped by. */
    public enum Kind {
        /** One count for all steps. */
        STATIC("static"),
        /** The cost of a step grows over the steps. */
        RISING("rising cost"),
        /** It falls. */
        FALLING("falling cost"),
        /** The samples decide. */
        THRESHOLD("decided per sample"),
        /** Anything else. */
        OTHER("other");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** In the plot's legend. */
        String label() {
            return label;
        }
    }

    /** Run and schedule. */
    String name() {
        return run + " " + schedule;
    }

    /** The row of one run and schedule, without the comparison. */
    static ExperimentRow of(int number, Kind kind, List<ScoredSamples> scores) {
        ScoredSamples first = scores.get(0);
        return new ExperimentRow(
                number,
                first.origin().run(),
                first.origin().settings().schedule().toString(),
                kind,
                average(scores, ScoredSamples::gflops),
                average(scores, ScoredSamples::fd),
                null,
                optional(scores, ScoredSamples::is),
                optional(scores, ScoredSamples::precision),
                optional(scores, ScoredSamples::recall),
                optional(scores, ScoredSamples::kid),
                optional(scores, ScoredSamples::classAgreement));
    }

    /** The same with the comparison. */
    ExperimentRow withBeyondLine(Average difference) {
        return new ExperimentRow(
                number, run, schedule, kind, gflops, fd, difference, is, precision, recall, kid, classAgreement);
    }

    private static Average average(List<ScoredSamples> scores, Function<ScoredSamples, Double> value) {
        return Average.of(scores.stream().mapToDouble(value::apply).toArray());
    }

    private static @Nullable Average optional(
            List<ScoredSamples> scores, Function<ScoredSamples, @Nullable Double> value) {
        double[] values = new double[scores.size()];
        for (int i = 0; i < values.length; i++) {
            Double found = value.apply(scores.get(i));
            if (found == null) {
                return null;
            }
            values[i] = found;
        }
        return Average.of(values);
    }
}
