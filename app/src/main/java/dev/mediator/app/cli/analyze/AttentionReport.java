package dev.mediator.app.cli.analyze;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.mediator.analysis.AttentionSnapshot;
import dev.mediator.analysis.AttentionSnapshot.Choice;
import dev.mediator.analysis.LayerAttention;
import dev.mediator.analysis.TokenWeights;
import dev.mediator.app.cli.report.AnalysisSubject;
import java.util.ArrayList;
import java.util.List;

/**
 * The file {@code attention.json}: what the pictures beside it show, in numbers.
 *
 * @param subject what was looked at
 * @param step number of the step, from 0
 * @param t time at its start, 0 noise to 1 data
 * @param queries layer by layer, query by query, head by head
 */
record AttentionReport(@JsonUnwrapped AnalysisSubject subject, int step, double t, List<Query> queries) {
    AttentionReport {
        queries = List.copyOf(queries);
    }

    /**
     * What one query attends to in one head of one layer.
     *
     * @param query row:column
     * @param peak the token that it attends to most
     * @param peakWeight how much
     * @param spread exp of the entropy: over how many tokens its attention spreads
     */
    record Query(int layer, int head, String query, String peak, double peakWeight, double spread) {}

    /** What {@code --json} prints: the report, and the files' paths. */
    record Answer(@JsonUnwrapped AttentionReport report, List<String> files) {}

    static AttentionReport of(AnalysisSubject subject, AttentionSnapshot snapshot, Choice choice) {
        List<Query> queries = new ArrayList<>();
        for (LayerAttention layer : snapshot.layers()) {
            for (int q = 0; q < choice.queries().size(); q++) {
                for (int h = 0; h < choice.heads().size(); h++) {
                    TokenWeights weights = layer.queries().get(q).get(h);
                    queries.add(new Query(
                            layer.layer(),
                            choice.heads().get(h),
                            choice.queries().get(q).toString(),
                            weights.peak().toString(),
                            weights.weight(weights.peak()),
                            weights.spread()));
                }
            }
        }
        return new AttentionReport(subject, snapshot.step(), snapshot.t(), queries);
    }
}
