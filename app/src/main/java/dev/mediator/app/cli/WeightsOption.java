package dev.mediator.app.cli;

import dev.mediator.checkpoint.Weights;

/** What {@code --weights} may be. */
final class WeightsOption {
    private WeightsOption() {}

    static Weights parse(String text) {
        return switch (text) {
            case "ema" -> Weights.EMA;
            case "model" -> Weights.MODEL;
            default -> throw new IllegalArgumentException("--weights is '" + text + "', allowed are ema and model");
        };
    }
}
