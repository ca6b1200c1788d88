package dev.mediator.app.cli;

import dev.mediator.model.SitConfig;
import dev.mediator.model.SitPreset;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench}: how fast a network runs here, beside how fast this machine multiplies matrices. */
@Command(
        name = "bench",
        description =
                "Measure forward pass, guided forward pass and training step of a network, and the rate of large linear calls.",
        footer = {
            "",
            "Run it alone: another busy process makes all figures worse.",
            "",
            "Examples:",
            "  ./mediator bench --preset SiT-S/2 --image-size 32 --channels 4 --mediators 64 --batch 4 --dtype bf16",
            "  ./mediator bench --preset SiT-XL/2 --image-size 64 --channels 4 --mediators 64 --batch 1 --measure guided",
            "  ./mediator bench --decode 256,512,1024 --dtype bf16 --runs 3"
        })
final class BenchCommand extends MediatorCommand {
    private static final double BUSY_LOAD = 0.5;

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

    @Option(
            names = "--measure",
            paramLabel = "LIST",
            description = "Which of forward, guided (a pair with and without class, for each sample), step (of the"
                    + " sampler: Euler-Maruyama, one evaluation and its noise) and training."
                    + " Default: ${DEFAULT-VALUE}.",
            defaultValue = "forward,training")
    private String measure = "forward,training";

    /** What {@code --json} prints. */
    record Answer(
            String preset,
            int imageSize,
            int batch,
            String mediators,
            String dtype,
            int threads,
            double loadBefore,
            List<NetworkBench.Row> rows) {}

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
        Set<NetworkBench.Work> works = NetworkBench.Work.parse(measure);
        MediatorCount count = MediatorCount.parse(mediators);
        SitConfig config = SitPreset.config(preset, imageSize, channels, 10, false, List.of(count));
        double load = loadBefore(console);
        NetworkBench bench = new NetworkBench(config, count, dtype, batch, runs);
        List<NetworkBench.Row> rows;
        try (Progress progress = console.progress("measuring", bench.steps(works), "runs")) {
            rows = bench.measure(works, () -> progress.step(1));
        }
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
        rows.forEach(row -> console.say(row.line()));
        return Result.ok(
                new Answer(preset, imageSize, batch, count.toString(), dtype.name(), Engine.threads(), load, rows));
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + " is " + value + ", allowed is 1 or more");
        }
    }
}
