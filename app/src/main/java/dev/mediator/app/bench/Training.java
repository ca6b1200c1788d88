package dev.mediator.app.bench;

import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.training.AdamW;
import dev.mediator.training.FlatParameters;
import dev.mediator.transport.Transport;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A training step of a network of any weights: forward pass, gradients, update.
 *
 * @param config the network
 * @param placement where and in what it computes
 * @param batch samples of a step
 * @param mediators what attention goes through
 */
public record Training(SitConfig config, Placement placement, int batch, MediatorCount mediators) implements Subject {
    @Override
    public int works() {
        return 1;
    }

    @Override
    public void measure(Meter meter) {
        try (Scope scope = Scope.open();
                FlatParameters parameters = parameters();
                Sit sit = new Sit(config, parameters);
                AdamW optimizer = new AdamW(AdamW.Config.DEFAULT, parameters.values())) {
            Tensor x1 = images(1);
            Tensor x0 = images(2);
            Tensor t = torch.rand(batch);
            Tensor y = Tensors.zeros(DType.I64, batch);
            meter.measure(Work.withGradients("training step", () -> {
                Transport.LINEAR_VELOCITY
                        .loss((xt, at, label) -> sit.forward(xt, at, label, mediators), x0, x1, t, y)
                        .mean()
                        .backward();
                parameters.collectGradients();
                optimizer.step(parameters.values(), parameters.gradients(), 1);
                parameters.refresh();
                parameters.clearGradients();
            }));
        }
    }

    private FlatParameters parameters() {
        AnyWeights weights = new AnyWeights(new Placement(placement.device(), DType.F32));
        try (Sit any = new Sit(config, weights)) {
            return new FlatParameters(any.parameters(), placement);
        }
    }

    private Tensor images(long seed) {
        return placement
                .device()
                .put(new RandomStream(seed, 0)
                        .normalTensor(0, batch, config.inChannels(), config.inputSize(), config.inputSize()));
    }
}
