package dev.mediator.app.cli.option;

import dev.mediator.checkpoint.Weights;
import dev.mediator.transport.Labels;

/** What {@code --weights} may be. */
public final class WeightsOption {
    private WeightsOption() {}

    /** The word for a text that {@link #parse} reads, as records have it. */
    public static String word(String text) {
        return parse(text).group();
    }

    public static Weights parse(String text) {
        return switch (Labels.word(text)) {
            case "ema" -> Weights.EMA;
            case "model" -> Weights.MODEL;
            default -> throw new IllegalArgumentException("--weights is '" + text + "', allowed are ema and model");
        };
    }
}
