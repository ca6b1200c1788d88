package dev.mediator.stepwise;

import dev.mediator.sampling.SamplerStep;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.OwnedTensor;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The paper's rule; remembers what the distance compares with. */
final class ThresholdSwitching implements StageSwitching {
    private final ThresholdSchedule schedule;
    private final OwnedTensor before = new OwnedTensor(); // of each sample's latest step [B, C, H, W]

    ThresholdSwitching(ThresholdSchedule schedule) {
        this.schedule = schedule;
    }

    @Override
    public void start(List<SampleProgress> samples) {}

    @Override
    public void onStep(SamplerStep step, List<SampleProgress> samples) {
        if (step.isClosing()) {
            return; // no step is left to decide on
        }
        try (Scope scope = Scope.open()) {
            Tensor now = schedule.distance().of(step);
            if (before.isPresent()) {
                // The one transfer from a card that sampling waits for: a number per sample.
                double[] distances =
                        Tensors.doubles(schedule.distance().between(now, before.get(), schedule.batchWide()));
                for (int i = 0; i < samples.size(); i++) {
                    if (hasMoved(step, i)) {
                        advance(samples.get(i), distances[schedule.batchWide() ? 0 : i]);
                    }
                }
            }
            before.set(latest(step, now));
        }
    }

    /** Steps are counted from the first on, distances from the second. */
    private void advance(SampleProgress sample, double distance) {
        if (sample.steps() < 2) {
            return;
        }
        sample.addDistance(distance);
        int window = schedule.window();
        if (sample.distances().size() <= window) {
            return;
        }
        double mean =
                sample.distances().stream().limit(window).mapToDouble(d -> d).sum() / window;
        int stage = sample.stage();
        while (stage < schedule.thresholds().size()
                && distance < schedule.thresholds().get(stage) * mean) {
            stage++;
        }
        sample.enter(stage);
    }

    /** {@code now}, but for samples whose adaptive step was not accepted what was there before. */
    private Tensor latest(SamplerStep step, Tensor now) {
        double[] moved = step.dt().map(dt -> dt == 0 ? 0 : 1).toArray();
        if (!before.isPresent() || Arrays.stream(moved).allMatch(m -> m == 1)) {
            return now;
        }
        Tensor mask = ComputeDevice.of(now).put(Tensors.to(Tensors.of(moved, moved.length, 1, 1, 1), DType.BOOL));
        return torch.where(mask, now, before.get());
    }

    private static boolean hasMoved(SamplerStep step, int sample) {
        return step.dt().get(sample) != 0;
    }

    @Override
    public void close() {
        before.close();
    }
}
