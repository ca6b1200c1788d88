package dev.mediator.app.bench;

import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * What a network does without gradients.
 *
 * @param source where it comes from
 * @param placement where and in what it computes
 * @param batch samples at a time
 * @param mediators what single evaluations go through
 * @param settings how whole images are made
 * @param measured what to measure
 */
public record Inference(
        NetworkSource source,
        Placement placement,
        int batch,
        MediatorCount mediators,
        GenerationSettings settings,
        Set<InferenceWork> measured)
        implements Subject {
    @Override
    public int works() {
        return measured.size();
    }

    @Override
    public void measure(Meter meter) throws IOException {
        try (ImageGenerator generator = source.open(placement);
                NoGradGuard inference = new NoGradGuard();
                Scope scope = Scope.open()) {
            Inputs inputs = Inputs.of(generator, this, meter::pulse);
            List<Work> prepared = measured.stream()
                    .sorted()
                    .map(work -> work.prepare(inputs))
                    .toList(); // all, before one is measured
            prepared.forEach(meter::measure);
        }
    }

    /**
     * What the works share.
     *
     * @param generator the network
     * @param subject what is measured
     * @param x noise [B, C, H, W]
     * @param t times [B], on the host
     * @param y labels [B], on the host
     * @param evaluations how many there were of single ones
     * @param pulse told of every step of a long work
     */
    record Inputs(
            ImageGenerator generator,
            Inference subject,
            Tensor x,
            Tensor t,
            Tensor y,
            AtomicLong evaluations,
            Runnable pulse) {
        static Inputs of(ImageGenerator generator, Inference subject, Runnable pulse) {
            SitConfig config = generator.config();
            int batch = subject.batch();
            Tensor x = generator
                    .device()
                    .put(new RandomStream(1, 0)
                            .normalTensor(0, batch, config.inChannels(), config.inputSize(), config.inputSize()));
            return new Inputs(
                    generator,
                    subject,
                    x,
                    Tensors.full(0.5, batch),
                    Tensors.zeros(DType.I64, batch),
                    new AtomicLong(),
                    pulse);
        }

        /** One evaluation of the network, each a little later: what it keeps of times that it has seen must not help. */
        Tensor forward(Tensor xt, Tensor at, Tensor labels) {
            Tensor later = Ops.add(at, 1e-5 * evaluations.incrementAndGet());
            return generator.stages().forward(subject.mediators(), xt, later, labels);
        }
    }
}
