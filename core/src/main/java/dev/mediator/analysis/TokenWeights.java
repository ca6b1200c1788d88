package dev.mediator.analysis;

import dev.mediator.image.ColourScale;
import dev.mediator.image.Picture;
import dev.mediator.tensor.Tensors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** How attention is spread over the tokens of a square grid: weights that sum to 1. */
public final class TokenWeights {
    private final int grid;
    private final float[] weights;

    private TokenWeights(int grid, float... weights) {
        this.grid = grid;
        this.weights = weights;
    }

    /** The weights of a tensor [N], row by row. */
    public static TokenWeights of(Tensor weights) {
        float[] values = Tensors.floats(weights);
        int grid = (int) Math.round(Math.sqrt(values.length));
        if (weights.dim() != 1 || grid * grid != values.length) {
            throw new IllegalArgumentException(values.length + " weights are no square grid");
        }
        return new TokenWeights(grid, values);
    }

    /** The weight of a token. */
    public float weight(Token token) {
        return weights[token.index(grid)];
    }

    /** The token of the largest weight. */
    public Token peak() {
        int largest = IntStream.range(0, weights.length)
                .reduce((a, b) -> weights[b] > weights[a] ? b : a)
                .orElseThrow();
        return Token.of(largest, grid);
    }

    /** exp of the entropy: over how many tokens this spreads, 1 to N. */
    public double spread() {
        double entropy = IntStream.range(0, weights.length)
                .mapToDouble(i -> weights[i] > 0 ? -weights[i] * Math.log(weights[i]) : 0)
                .sum();
        return Math.exp(entropy);
    }

    /** A picture with a pixel per token, from 0 (dark) to the largest weight (bright). */
    public Picture draw() {
        return ColourScale.fromZeroTo(weight(peak())).picture(grid, grid, weights);
    }
}
