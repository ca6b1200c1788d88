package dev.mediator.app.cli;

import dev.mediator.model.FlopCount;
import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.FreshParameters;
import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.training.AdamW;
import dev.mediator.training.FlatParameters;
import dev.mediator.transport.Transport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How fast a network of fresh weights works, beside how fast this machine multiplies matrices.
 *
 * @param runs measured runs of each work; the median counts
 */
record NetworkBench(SitConfig config, MediatorCount count, DType dtype, int batch, int runs) {
    private static final int WARM_UPS = 3;
    private static final double GUIDANCE_SCALE = 4;

    /** A linear call large enough to reach the machine's rate: rows, inputs and outputs. */
    private static final long[] LARGE = {4096, 1024, 4096};

    /** What can be measured. */
    enum Work {
        FORWARD("forward"),
        GUIDED("guided forward"),
        TRAINING("training step");

        private final String title;

        Work(String title) {
            this.title = title;
        }

        /** Reads {@code forward,guided,training}. */
        static Set<Work> parse(String list) {
            Set<Work> works = EnumSet.noneOf(Work.class);
            for (String word : list.split(",", -1)) {
                works.add(Arrays.stream(values())
                        .filter(work -> work.name().toLowerCase(Locale.ROOT).equals(word.strip()))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("--measure is '" + list
                                + "', allowed are forward, guided and training, with commas between")));
            }
            return works;
        }
    }

    /**
     * One line of the table.
     *
     * @param work what ran
     * @param millis median
     * @param minMillis fastest run
     * @param maxMillis slowest run
     * @param gflopsPerSecond at 2 operations per multiply-add
     * @param shareOfLinear that rate as a share of the large linear call's
     * @param peakMegabytes most memory that the process had resident, weights and Java included; 0 if unknown
     */
    record Row(
            String work,
            double millis,
            double minMillis,
            double maxMillis,
            double gflopsPerSecond,
            double shareOfLinear,
            long peakMegabytes) {
        String line() {
            return String.format(
                    Locale.ROOT,
                    "  %-22s %9.2f ms (%.2f to %.2f)  %7.1f GFLOP/s  %3.0f %% of a large linear  %6d MB at most",
                    work,
                    millis,
                    minMillis,
                    maxMillis,
                    gflopsPerSecond,
                    100 * shareOfLinear,
                    peakMegabytes);
        }
    }

    /** How often {@link #measure} calls its {@code step}. */
    long steps(Set<Work> works) {
        return (long) (works.size() + 2) * (runs + WARM_UPS);
    }

    /** @param step told after each run */
    List<Row> measure(Set<Work> works, Runnable step) {
        List<Row> rows = new ArrayList<>();
        try (Scope scope = Scope.open()) {
            Row large = linear("large linear", LARGE[0], LARGE[1], LARGE[2], 0, step);
            double rate = large.gflopsPerSecond();
            rows.add(large);
            long tokens = (long) batch * config.tokens();
            rows.add(linear("linear of its MLP", tokens, config.width(), config.hiddenWidth(), rate, step));
            if (works.contains(Work.FORWARD) || works.contains(Work.GUIDED)) {
                try (Sit sit = Sit.fixed(config, inDtype())) {
                    infer(sit, works, rate, rows, step);
                }
            }
            if (works.contains(Work.TRAINING)) {
                rows.add(training(rate, step));
            }
        }
        return rows;
    }

    /** Weights one by one in the type that is wanted: never all of them twice. */
    private ParameterSource inDtype() {
        FreshParameters fresh = new FreshParameters(0);
        return (name, init, shape) -> Scope.keepResult(() -> Tensors.to(fresh.get(name, init, shape), dtype));
    }

    private void infer(Sit sit, Set<Work> works, double rate, List<Row> rows, Runnable step) {
        double flops = 2.0 * FlopCount.forward(config, count) * batch;
        Tensor x = images(1);
        Tensor t = Tensors.full(0.5, batch);
        Tensor y = Tensors.zeros(DType.I64, batch);
        try (NoGradGuard inference = new NoGradGuard()) {
            if (works.contains(Work.FORWARD)) {
                rows.add(row(Work.FORWARD.title, flops, rate, () -> sit.forward(x, t, y, count), step));
            }
            if (works.contains(Work.GUIDED)) {
                Guidance guidance = new Guidance(GUIDANCE_SCALE, 0, 0, 1);
                Guidance.Predictor network = (xt, at, label) -> sit.forward(xt, at, label, count);
                rows.add(row(
                        Work.GUIDED.title,
                        2 * flops,
                        rate,
                        () -> guidance.predict(network, config.nullLabel(), x, t, y),
                        step));
            }
        }
    }

    private Row training(double rate, Runnable step) {
        try (Scope scope = Scope.open();
                Sit fresh = Sit.fresh(config, 0);
                FlatParameters parameters = new FlatParameters(fresh.parameters(), dtype);
                Sit sit = new Sit(config, parameters);
                AdamW optimizer = new AdamW(AdamW.Config.DEFAULT, parameters.size())) {
            Tensor x = images(1);
            Tensor noise = images(2);
            Tensor t = torch.rand(batch);
            Tensor y = Tensors.zeros(DType.I64, batch);
            double flops = 3 * 2.0 * FlopCount.forward(config, count) * batch;
            return row(
                    Work.TRAINING.title,
                    flops,
                    rate,
                    () -> {
                        Transport.LINEAR_VELOCITY
                                .loss((xt, at, label) -> sit.forward(xt, at, label, count), noise, x, t, y)
                                .mean()
                                .backward();
                        parameters.collectGradients();
                        optimizer.step(parameters.values(), parameters.gradients(), 1);
                        parameters.refresh();
                        parameters.clearGradients();
                    },
                    step);
        }
    }

    private Tensor images(long seed) {
        return new RandomStream(seed, 0)
                .normalTensor(0, batch, config.inChannels(), config.inputSize(), config.inputSize());
    }

    /** x·Wᵀ + b of [rows, in] by [in, out]; a rate of 0 to compare with means its own. */
    private Row linear(String work, long rows, long in, long out, double rate, Runnable step) {
        Tensor x = Tensors.to(torch.randn(1, rows, in), dtype);
        Tensor weight = Tensors.to(torch.randn(out, in), dtype);
        Tensor bias = Tensors.zeros(dtype, out);
        try (NoGradGuard inference = new NoGradGuard()) {
            return row(work, 2.0 * rows * in * out, rate, () -> Ops.linear(x, weight, bias), step);
        }
    }

    /** @param rate what to compare with, 0 for nothing */
    private Row row(String title, double flops, double rate, Runnable work, Runnable step) {
        double[] millis = new double[runs];
        PeakMemory.reset();
        for (int i = -WARM_UPS; i < runs; i++) {
            long start = System.nanoTime();
            try (Scope scope = Scope.open()) {
                work.run();
            }
            if (i >= 0) {
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
            step.run();
        }
        Arrays.sort(millis);
        double median = millis[runs / 2];
        double own = flops / median / 1e6;
        return new Row(
                title,
                median,
                millis[0],
                millis[runs - 1],
                own,
                rate == 0 ? 1 : own / rate,
                PeakMemory.bytes().orElse(0) >> 20);
    }
}
