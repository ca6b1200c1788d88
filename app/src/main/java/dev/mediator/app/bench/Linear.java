package dev.mediator.app.bench;

import dev.mediator.model.SitConfig;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * One call of a linear layer.
 *
 * @param title what the table calls it
 * @param rows of its input, [1, rows, in]
 * @param in inputs
 * @param out outputs
 * @param placement where and in what it computes
 */
public record Linear(String title, long rows, long in, long out, Placement placement) implements Subject {
    private static final long SIDE_FOR_CARDS = 8192;

    /** One that is large enough to reach the machine's rate. */
    public static Linear large(Placement placement) {
        return placement.device().isHost()
                ? new Linear("large linear", 4096, 1024, 4096, placement)
                : new Linear("large linear", SIDE_FOR_CARDS, SIDE_FOR_CARDS, SIDE_FOR_CARDS, placement);
    }

    /** The largest of a network: the first of its MLP, for a batch. */
    public static Linear ofMlp(SitConfig config, int batch, Placement placement) {
        return new Linear(
                "linear of its MLP", (long) batch * config.tokens(), config.width(), config.hiddenWidth(), placement);
    }

    @Override
    public int works() {
        return 1;
    }

    @Override
    public void measure(Meter meter) {
        try (NoGradGuard inference = new NoGradGuard();
                Scope scope = Scope.open()) {
            Tensor x = placement.empty(1, rows, in).normal_();
            Tensor weight = placement.empty(out, in).normal_();
            Tensor bias = placement.zeros(out);
            meter.measure(Work.ofOneCall(title, () -> Ops.linear(x, weight, bias)));
        }
    }
}
