package dev.mediator.app.bench;

import dev.mediator.model.SitConfig;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * One call of a linear layer.
 *
 * @param title what the table calls it
 * @param rows of its input, [1, rows, in]
 * @param in inputs
 * @param out outputs
 * @param dtype what it computes in
 */
public record Linear(String title, long rows, long in, long out, DType dtype) implements Subject {
    /** One that is large enough to reach the machine's rate. */
    public static Linear large(DType dtype) {
        return new Linear("large linear", 4096, 1024, 4096, dtype);
    }

    /** The largest of a network: the first of its MLP, for a batch. */
    public static Linear ofMlp(SitConfig config, int batch, DType dtype) {
        return new Linear(
                "linear of its MLP", (long) batch * config.tokens(), config.width(), config.hiddenWidth(), dtype);
    }

    @Override
    public int works() {
        return 1;
    }

    @Override
    public void measure(Meter meter) {
        try (NoGradGuard inference = new NoGradGuard();
                Scope scope = Scope.open()) {
            Tensor x = Tensors.to(torch.randn(1, rows, in), dtype);
            Tensor weight = Tensors.to(torch.randn(out, in), dtype);
            Tensor bias = Tensors.zeros(dtype, out);
            meter.measure(Work.of(title, () -> Ops.linear(x, weight, bias)));
        }
    }
}
