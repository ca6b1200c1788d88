package dev.mediator.stepwise;

import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.SamplerStep;
import dev.mediator.sampling.StepObserver;
import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * One batch on its way through a schedule. To the sampler it is both the network, guidance included, and an observer, so
 * that it hears of every step before the next one begins:
 *
 * <pre>{@code
 * try (StepwiseRun run = new StepwiseRun(plan, networks, batch)) {
 *     new Sampler(plan.transport(), plan.sampler()).run(run, x0, y, noise, run);
 *     List<StageTrace> traces = run.traces();
 * }
 * }</pre>
 *
 * <p>The stage of a sample changes between steps only: all evaluations of a step, and both halves of a guided pair, go
 * through the same count. With Dormand-Prince it changes between accepted steps. That solver takes the slope at the end of
 * a step for the first of the next, so the first of the seven slopes of the step after a change is still that of the
 * stage before.
 *
 * <p>For one run and one thread; nothing of it is kept in the networks, which other runs may use meanwhile.
 */
public final class StepwiseRun implements Network, StepObserver, AutoCloseable {
    private final List<MediatorCount> counts;
    private final RunPlan plan;
    private final StageNetworks networks;
    private final StageSwitching switching;
    private final List<SampleProgress> samples;
    private final boolean[] waiting; // at the end of the interval, for the others

    /**
     * Begins a run.
     *
     * @param plan made for the costs of {@code networks}
     * @param batch number of samples B
     */
    public StepwiseRun(RunPlan plan, StageNetworks networks, int batch) {
        this.counts = plan.schedule().counts();
        this.plan = plan;
        this.networks = networks;
        this.samples = Stream.generate(SampleProgress::new).limit(batch).toList();
        this.waiting = new boolean[batch];
        this.switching = StageSwitching.of(plan);
        switching.start(samples);
    }

    /**
     * Predicts with each sample's stage: samples of one stage as one dense batch.
     *
     * @return [B, C, H, W] in the order of the samples
     */
    @Override
    public Tensor predict(Tensor xt, Tensor t, Tensor y) {
        Shapes.require(xt, "xt", samples.size(), Shapes.ANY, Shapes.ANY, Shapes.ANY);
        Map<Integer, List<Integer>> groups = new TreeMap<>(); // samples by stage
        for (int i = 0; i < samples.size(); i++) {
            if (!waiting[i]) {
                groups.computeIfAbsent(samples.get(i).stage(), stage -> new ArrayList<>())
                        .add(i);
            }
        }
        Map.Entry<Integer, List<Integer>> first = groups.entrySet().iterator().next();
        return first.getValue().size() == samples.size()
                ? evaluate(counts.get(first.getKey()), first.getValue(), xt, t, y)
                : regrouped(groups, xt, t, y);
    }

    private Tensor regrouped(Map<Integer, List<Integer>> groups, Tensor xt, Tensor t, Tensor y) {
        List<Tensor> parts = new ArrayList<>();
        long[] position = new long[samples.size()]; // of each sample in the joined parts
        int next = 0;
        for (Map.Entry<Integer, List<Integer>> group : groups.entrySet()) {
            List<Integer> members = group.getValue();
            long[] rows = members.stream().mapToLong(i -> i).toArray();
            parts.add(evaluate(
                    counts.get(group.getKey()),
                    members,
                    Ops.select(xt, 0, rows),
                    Ops.select(t, 0, rows),
                    Ops.select(y, 0, rows)));
            for (int member : members) {
                position[member] = next++;
            }
        }
        if (next < samples.size()) {
            parts.add(Ops.mul(parts.get(0).narrow(0, 0, 1), 0)); // for those that wait: it is not used
            for (int i = 0; i < waiting.length; i++) {
                position[i] = waiting[i] ? next : position[i];
            }
        }
        return Ops.select(Ops.cat(0, parts.toArray(Tensor[]::new)), 0, position);
    }

    /** One dense, possibly guided evaluation of some samples. */
    private Tensor evaluate(MediatorCount count, List<Integer> members, Tensor xt, Tensor t, Tensor y) {
        Guidance.Predictor predictor = (x, times, labels) -> {
            try (MacCounter counter = MacCounter.open()) {
                Tensor prediction = networks.forward(count, x, times, labels);
                spend(members, counter.macs() / x.size(0), x.size(0), times);
                return prediction;
            }
        };
        return plan.guidance().predict(predictor, networks.nullLabel(), xt, t, y);
    }

    /**
     * Charges an evaluation to its samples. Guided samples have a second row, after the first of all.
     *
     * @param macs multiply-adds of one row, as counted
     */
    private void spend(List<Integer> members, long macs, long rows, Tensor times) {
        boolean mixed = rows != members.size() && rows != 2L * members.size();
        double[] t = mixed ? Tensors.doubles(times) : new double[0];
        for (int i = 0; i < members.size(); i++) {
            boolean guided = mixed ? plan.guidance().isActive(t[i]) : rows != members.size();
            samples.get(members.get(i)).spend(guided ? 2 : 1, macs);
        }
    }

    /** Counts the step and decides on the stages of the next. */
    @Override
    public void onStep(SamplerStep step) {
        for (int i = 0; i < samples.size(); i++) {
            if (step.dt().get(i) != 0) {
                SampleProgress sample = samples.get(i);
                sample.endStep(counts.get(sample.stage()));
            }
        }
        switching.onStep(step, samples);
        findWaiting(step);
    }

    /** A solver that chooses its own steps brings samples to the end at different times; the last step is taken together. */
    private void findWaiting(SamplerStep step) {
        if (step.plannedSteps() < 0) {
            double end = plan.setup().interval().end();
            boolean all = true;
            for (int i = 0; i < waiting.length; i++) {
                waiting[i] = step.t().get(i) + step.dt().get(i) >= end;
                all &= waiting[i];
            }
            if (all) {
                Arrays.fill(waiting, false);
            }
        }
    }

    /** What each sample has gone through so far. */
    public List<StageTrace> traces() {
        long full = networks.costs().costliest();
        return samples.stream().map(sample -> sample.trace(full)).toList();
    }

    /** Forward passes of all samples so far; a guided evaluation is two. */
    public long evaluations() {
        return samples.stream().mapToLong(SampleProgress::evaluations).sum();
    }

    /** Multiply-adds of all samples so far. */
    public long macs() {
        return samples.stream().mapToLong(SampleProgress::macs).sum();
    }

    /** The same had every pass gone through the costliest count. */
    public long macsFull() {
        return evaluations() * networks.costs().costliest();
    }

    @Override
    public void close() {
        switching.close();
    }
}
