package dev.mediator.app.selftest;

import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.NoiseSource;
import dev.mediator.sampling.Sampler;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.RunSetup;
import dev.mediator.stepwise.StageNetworks;
import dev.mediator.stepwise.StageTrace;
import dev.mediator.stepwise.StepDistance;
import dev.mediator.stepwise.StepwiseRun;
import dev.mediator.stepwise.ThresholdSchedule;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.LossWeighting;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.Transport;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * One run of the files {@code dynamic_*}: three stages that a whole batch switches through together.
 *
 * @param states the state after each step, [B, C, H, W] each
 * @param trace what each sample went through
 * @param window m of its rule
 */
record GoldenStepwiseRun(TensorVector states, StageTrace trace, int window) {
    /** The counts by which the three stages go here; for networks that are not of mediators they are names. */
    static final List<MediatorCount> STAGES =
            List.of(new MediatorCount(4), new MediatorCount(16), new MediatorCount(64));

    /** The reference cuts nothing off at t = 1 where there is no last step. */
    private static final Transport UNCUT =
            new Transport(InterpolantPath.LINEAR, Prediction.VELOCITY, LossWeighting.NONE, null, 0.0);

    static GoldenStepwiseRun of(
            StageNetworks networks,
            SdeConfig sampler,
            String distance,
            int window,
            List<Double> ratios,
            Tensor start,
            Tensor noise,
            Tensor y) {
        ThresholdSchedule schedule = new ThresholdSchedule(STAGES, ratios, StepDistance.parse(distance), window, true);
        RunPlan plan = RunPlan.of(new RunSetup(sampler, Guidance.NONE, UNCUT, networks.costs()), schedule);
        TensorVector states = new TensorVector();
        try (StepwiseRun run = new StepwiseRun(plan, networks, Math.toIntExact(start.size(0)))) {
            new Sampler(UNCUT, sampler)
                    .run(
                            run,
                            start,
                            y,
                            new NoiseSource.Recorded(noise),
                            run.andThen(step -> states.push_back(step.state())));
            return new GoldenStepwiseRun(states, run.traces().get(0), window);
        }
    }

    /** The state after a step, from 0. */
    Tensor state(int step) {
        return new Tensor(states.get(step)); // the vector owns what it hands out
    }

    /** The state after the last step. */
    Tensor last() {
        return state(Math.toIntExact(states.size()) - 1);
    }

    /** After which step each later stage took over, −1 if it never did. */
    long[] switchSteps() {
        long[] steps = {-1, -1};
        for (int i = 0; i < trace.switchSteps().size(); i++) {
            steps[i] = trace.switchSteps().get(i);
        }
        return steps;
    }

    /** Distances between the states after successive steps. */
    double[] distances() {
        return trace.distances().stream().mapToDouble(d -> d).toArray();
    }

    /** Mean of the first m distances, as far as there are. */
    double firstMean() {
        return trace.distances().stream().limit(window).mapToDouble(d -> d).sum() / window;
    }

    /** Compares whole numbers; the error is how many differ. */
    static GoldenResult compareExactly(String name, long[] actual, Tensor golden) {
        long[] expected = Tensors.longs(golden);
        int different = Math.abs(expected.length - actual.length);
        for (int i = 0; i < Math.min(expected.length, actual.length); i++) {
            different += expected[i] == actual[i] ? 0 : 1;
        }
        return GoldenResult.of(name, different, 0, "numbers that differ");
    }
}
