package dev.mediator.analysis;

import dev.mediator.nn.AttentionMaps;
import dev.mediator.tensor.Scope;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/**
 * What chosen queries of a layer look at, and what its mediators read.
 *
 * @param layer number of the block, from 0
 * @param queries the effective attention of each query, head by head
 * @param mediators what each mediator reads, by head and then by mediator; empty for softmax attention
 */
public record LayerAttention(int layer, List<List<TokenWeights>> queries, List<List<TokenWeights>> mediators) {
    public LayerAttention {
        queries = queries.stream().map(List::copyOf).toList();
        mediators = mediators.stream().map(List::copyOf).toList();
    }

    /**
     * Takes what was chosen from the maps of one sample.
     *
     * @param heads which heads
     * @param tokens the numbers of the queries
     */
    static LayerAttention of(int layer, AttentionMaps maps, List<Integer> heads, long... tokens) {
        try (Scope scope = Scope.open()) {
            Tensor byQuery = maps.rows(tokens).squeeze(0).transpose(0, 1); // [Q, M, N]
            List<List<TokenWeights>> mediators = maps instanceof AttentionMaps.Mediated mediated
                    ? heads.stream()
                            .map(head -> weights(mediated.read().squeeze(0).select(0, head)))
                            .toList()
                    : List.of();
            List<List<TokenWeights>> queries = LongStream.range(0, tokens.length)
                    .mapToObj(query -> byQuery.select(0, query))
                    .map(all -> heads.stream()
                            .map(head -> TokenWeights.of(all.select(0, head)))
                            .toList())
                    .toList();
            return new LayerAttention(layer, queries, mediators);
        }
    }

    /** [R, N] → R grids of weights. */
    private static List<TokenWeights> weights(Tensor rows) {
        return LongStream.range(0, rows.size(0))
                .mapToObj(row -> TokenWeights.of(rows.select(0, row)))
                .toList();
    }
}
