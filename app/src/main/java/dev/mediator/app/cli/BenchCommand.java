package dev.mediator.app.cli;

import dev.mediator.model.FlopCount;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.model.SitPreset;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.training.AdamW;
import dev.mediator.training.FlatParameters;
import dev.mediator.transport.Transport;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench}: how fast a network runs here, beside how fast this machine multiplies matrices. */
@Command(
        name = "bench",
        description = "Measure forward pass and training step of a network, and the rate of large linear calls.",
        footer = {
            "",
            "Run it alone: another busy process makes all figures worse.",
            "",
            "Examples:",
            "  ./mediator bench --preset SiT-S/2 --image-size 32 --channels 4 --mediators 64 --batch 4 --dtype bf16",
            "  ./mediator bench --decode 256,512,1024 --dtype bf16 --runs 3"
        })
final class BenchCommand extends MediatorCommand {
    private static final double BUSY_LOAD = 0.5;
    private static final int WARM_UPS = 3;

    /** A linear call large enough to reach the machine's rate: rows, inputs and outputs. */
    private static final long[] LARGE = {4096, 1024, 4096};

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            description = "Default: ${DEFAULT-VALUE}.",
            defaultValue = "SiT-Ti/2")
    private String preset = "SiT-Ti/2";

    @Option(
            names = "--image-size",
            paramLabel = "N",
            description = "Side of the network's input (of the latent, for latent models). Default: ${DEFAULT-VALUE}.",
            defaultValue = "32")
    private int imageSize;

    @Option(names = "--channels", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.", defaultValue = "1")
    private int channels;

    @Option(
            names = "--mediators",
            paramLabel = "N|full",
            description = "Default: ${DEFAULT-VALUE}.",
            defaultValue = "16")
    private String mediators = "16";

    @Option(names = "--batch", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.", defaultValue = "64")
    private int batch;

    @Option(
            names = "--runs",
            paramLabel = "N",
            description = "Measured runs of each; the median counts. Default: ${DEFAULT-VALUE}.",
            defaultValue = "9")
    private int runs;

    @Option(
            names = "--decode",
            paramLabel = "SIZES",
            description = "Instead of a network, measure how an autoencoder of the size of sd-vae-ft-mse, with random"
                    + " weights, decodes pictures of these sides, such as 256,512,1024; time and peak memory.")
    private @Nullable String decode;

    /**
     * One line of the table.
     *
     * @param work what ran
     * @param millis median
     * @param minMillis fastest run
     * @param maxMillis slowest run
     * @param gflopsPerSecond at 2 operations per multiply-add
     * @param shareOfLinear that rate as a share of the large linear call's
     */
    record Row(
            String work,
            double millis,
            double minMillis,
            double maxMillis,
            double gflopsPerSecond,
            double shareOfLinear) {}

    /** What {@code --json} prints. */
    record Answer(
            String preset,
            int imageSize,
            int batch,
            String mediators,
            String dtype,
            int threads,
            double loadBefore,
            List<Row> rows) {}

    /** What {@code --decode --json} prints. */
    record DecodeAnswer(String dtype, int threads, double loadBefore, List<DecodeBench.Row> decode) {}

    @Override
    protected Result run(Console console) {
        requirePositive("--batch", batch);
        requirePositive("--runs", runs);
        DType dtype = common().requestedDtype().orElse(DType.F32);
        return decode != null ? decode(console, dtype, decode) : network(console, dtype);
    }

    private Result decode(Console console, DType dtype, String text) {
        List<Integer> sizes = DecodeBench.sizes(text);
        double load = loadBefore(console);
        List<DecodeBench.Row> rows;
        try (Progress progress = console.progress("decoding", (long) sizes.size() * runs, "pictures")) {
            rows = new DecodeBench(dtype, runs).measure(sizes, () -> progress.step(1));
        }
        console.say(String.format(
                Locale.ROOT, "autoencoder of 84 million parameters, %s, %d threads", dtype, Engine.threads()));
        rows.forEach(row -> console.say(row.line()));
        return Result.ok(new DecodeAnswer(dtype.name(), Engine.threads(), load, rows));
    }

    private static double loadBefore(Console console) {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        if (load > BUSY_LOAD) {
            console.note(String.format(
                    Locale.ROOT, "the machine is busy (load %.1f): figures will be worse than they could be", load));
        }
        return load;
    }

    private Result network(Console console, DType dtype) {
        MediatorCount count = MediatorCount.parse(mediators);
        SitConfig config = SitPreset.config(preset, imageSize, channels, 10, false, List.of(count));
        double load = loadBefore(console);
        List<Row> rows = measure(config, count, dtype);
        console.say(String.format(
                Locale.ROOT,
                "%s, %d×%d, batch %d, mediators %s, %s, %d threads",
                preset,
                imageSize,
                imageSize,
                batch,
                count,
                dtype,
                Engine.threads()));
        for (Row row : rows) {
            console.say(String.format(
                    Locale.ROOT,
                    "  %-22s %9.2f ms (%.2f to %.2f)  %7.1f GFLOP/s  %3.0f %% of a large linear",
                    row.work(),
                    row.millis(),
                    row.minMillis(),
                    row.maxMillis(),
                    row.gflopsPerSecond(),
                    100 * row.shareOfLinear()));
        }
        return Result.ok(
                new Answer(preset, imageSize, batch, count.toString(), dtype.name(), Engine.threads(), load, rows));
    }

    private List<Row> measure(SitConfig config, MediatorCount count, DType dtype) {
        List<Row> rows = new ArrayList<>();
        try (Scope scope = Scope.open();
                Sit fresh = Sit.fresh(config, 0);
                FlatParameters parameters = new FlatParameters(fresh.parameters(), dtype);
                Sit sit = new Sit(config, parameters);
                AdamW optimizer = new AdamW(AdamW.Config.DEFAULT, parameters.size())) {
            Tensor x = torch.randn(batch, channels, imageSize, imageSize);
            Tensor noise = torch.randn(batch, channels, imageSize, imageSize);
            Tensor t = torch.rand(batch);
            Tensor y = Tensors.zeros(DType.I64, batch);
            double forward = 2.0 * FlopCount.forward(config, count) * batch;
            Row large = measureLinear("large linear", dtype, LARGE[0], LARGE[1], LARGE[2], 0);
            double linear = large.gflopsPerSecond();
            rows.add(large);
            rows.add(measureLinear(
                    "linear of its MLP",
                    dtype,
                    (long) batch * config.tokens(),
                    config.width(),
                    config.hiddenWidth(),
                    linear));
            rows.add(row("forward", forward, linear, () -> {
                try (NoGradGuard inference = new NoGradGuard()) {
                    sit.forward(x, t, y, count);
                }
            }));
            rows.add(row("training step", 3 * forward, linear, () -> {
                Transport.LINEAR_VELOCITY
                        .loss(sit::forward, noise, x, t, y)
                        .mean()
                        .backward();
                parameters.collectGradients();
                optimizer.step(parameters.values(), parameters.gradients(), 1);
                parameters.refresh();
                parameters.clearGradients();
            }));
        }
        return rows;
    }

    /** x·Wᵀ + b of [rows, in] by [in, out]; a rate of 0 to compare with means its own. */
    private Row measureLinear(String work, DType dtype, long rows, long in, long out, double linearRate) {
        Tensor x = Tensors.to(torch.randn(1, rows, in), dtype);
        Tensor weight = Tensors.to(torch.randn(out, in), dtype);
        Tensor bias = Tensors.zeros(dtype, out);
        try (NoGradGuard inference = new NoGradGuard()) {
            return row(work, 2.0 * rows * in * out, linearRate, () -> Ops.linear(x, weight, bias));
        }
    }

    /** @param linearRate rate to compare with, 0 for none */
    private Row row(String work, double flops, double linearRate, Runnable step) {
        double[] millis = new double[runs];
        for (int i = -WARM_UPS; i < runs; i++) {
            long start = System.nanoTime();
            try (Scope scope = Scope.open()) {
                step.run();
            }
            if (i >= 0) {
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
        }
        Arrays.sort(millis);
        double median = millis[runs / 2];
        double rate = flops / median / 1e6;
        return new Row(work, median, millis[0], millis[runs - 1], rate, linearRate == 0 ? 1 : rate / linearRate);
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + " is " + value + ", allowed is 1 or more");
        }
    }
}
