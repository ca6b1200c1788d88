package dev.mediator.training;

import dev.mediator.data.Batch;
import dev.mediator.data.BatchLoader;
import dev.mediator.data.LoaderConfig;
import dev.mediator.model.Activations;
import dev.mediator.model.ForwardProbe;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.parallel.ProcessGroup;
import dev.mediator.tensor.Cancellation;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Network;
import java.io.IOException;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * This process's part of the loss of a batch and of its gradient. A batch is computed in micro-batches, and of each micro-batch a
 * process has a run of samples. What is drawn for a sample depends on its position in the data only, so that the parts add up to
 * the same whatever their number, up to the order of summation.
 */
final class BatchGradient {
    private final TrainingTask task;
    private final Sit sit;
    private final ProcessGroup group;
    private final StepDraws draws;
    private final Activations activations;

    /** @param sit the network, over the parameters of the task's state, which collect the gradient */
    BatchGradient(TrainingTask task, Sit sit, ProcessGroup group, StepDraws draws) {
        this.task = task;
        this.sit = sit;
        this.group = group;
        this.draws = draws;
        this.activations = task.config().recomputeActivations() ? Activations.RECOMPUTED : Activations.KEPT;
    }

    /** This process's parts of micro-batches, from where the training is. */
    BatchLoader loader() {
        TrainConfig config = task.config();
        LoaderConfig loading = LoaderConfig.of(
                        config.seed(), config.data().flip(), config.batchSize() / config.accumulate())
                .withShard(group.member().rank(), group.member().size());
        return new BatchLoader(task.source().dataset(), loading, task.state().step() * config.batchSize());
    }

    /** Collects the gradient over the next batch of {@link #loader}; returns this process's part of the mean loss. */
    double accumulate(BatchLoader loader, MediatorCount mediators) throws IOException {
        double parts = (double) task.config().accumulate() * group.member().size();
        double total = 0;
        for (int part = 0; part < task.config().accumulate(); part++) {
            if (group.member().size() == 1) { // else others would wait for this one's part
                Cancellation.check();
            }
            try (Scope scope = Scope.open()) {
                Tensor loss = loss(loader.next(), mediators);
                loss.div(new Scalar(parts)).backward();
                task.state().parameters().collectGradients();
                total += Tensors.scalar(loss) / parts;
            }
        }
        return total;
    }

    /** About how many seconds this process's part of an update will take at most. */
    double estimatedSeconds() {
        return UpdateEstimate.seconds(
                this::forwardOne,
                (double) task.config().batchSize() / group.member().size());
    }

    private void forwardOne() {
        SitConfig network = task.description().config();
        try (Scope scope = Scope.open();
                NoGradGuard inference = new NoGradGuard()) {
            Tensor sample = Tensors.zeros(DType.F32, 1, network.inChannels(), network.inputSize(), network.inputSize());
            Tensor label = Tensors.of(new long[] {network.nullLabel()}, 1);
            Tensor answer = sit.forward(sample, Tensors.zeros(DType.F32, 1), label, network.largestMediators());
            Tensors.scalar(answer.sum()); // a card is waited for
        }
    }

    /** Mean loss of some samples. */
    private Tensor loss(Batch batch, MediatorCount mediators) {
        TrainConfig config = task.config();
        long first = batch.position();
        int size = batch.size();
        Tensor images = group.device().put(batch.images()); // [B, C, H, W]
        Tensor x1 = task.source().encoding().latents(images, draws.codecStreams(first, size));
        Tensor x0 = group.device().put(draws.noise(first, x1.shape()));
        int nullLabel = task.description().config().nullLabel();
        Tensor y = Tensors.of(draws.dropLabels(first, batch.classes(), config.labelDropout(), nullLabel), size);
        Tensor t = draws.times(config.transport(), first, size);
        Network network =
                (xt, time, labels) -> sit.forward(xt, time, labels, mediators, ForwardProbe.NONE, activations);
        return config.transport().loss(network, x0, x1, t, y).mean();
    }
}
