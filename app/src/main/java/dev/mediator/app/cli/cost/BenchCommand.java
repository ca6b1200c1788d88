package dev.mediator.app.cli.cost;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.mediator.app.bench.Linear;
import dev.mediator.app.bench.Meter;
import dev.mediator.app.bench.Neighbours;
import dev.mediator.app.bench.Row;
import dev.mediator.app.bench.Runs;
import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Placement;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench}: how fast a network runs here, beside how fast this machine multiplies matrices. */
@Command(
        name = "bench",
        description =
                "Measure how fast a network or an autoencoder runs, beside this machine's rate of large linear calls.",
        footer = {
            "",
            "Run it alone: another busy process makes all figures worse. docs/benchmarks/README.md tells how to read them.",
            "",
            "Examples:",
            "  ./mediator bench --preset SiT-S/2 --image-size 32 --channels 4 --mediators 64 --batch 4 --dtype bf16",
            "  ./mediator bench --preset SiT-XL/2 --image-size 64 --channels 4 --mediators 64 --batch 1 --measure guided",
            "  ./mediator bench --model models/fashion-mnist.safetensors --measure image --schedule budget:0.9 --runs 3",
            "  ./mediator bench --encode 256,512 --decode 256,512,1024 --dtype bf16 --runs 3"
        })
public final class BenchCommand extends MediatorCommand {
    private static final int MAX_RUNS = 100_000;
    private static final int MAX_WARM_UP = 3600;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--runs",
            paramLabel = "N",
            description = "Measured runs of each; the median counts. Default: ${DEFAULT-VALUE}.")
    private int runs = 9;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description = "For how long each is done before it is measured, once at least. Default: ${DEFAULT-VALUE}.")
    private double warmUp = 2;

    @ArgGroup(validate = false, heading = "%nA network:%n")
    private BenchNetworkOptions network = new BenchNetworkOptions();

    @ArgGroup(validate = false, heading = "%nHow it makes images, for --measure image:%n")
    private BenchImageOptions images = new BenchImageOptions();

    @ArgGroup(validate = false, heading = "%nAn autoencoder instead:%n")
    private BenchAutoencoderOptions autoencoder = new BenchAutoencoderOptions();

    /**
     * What {@code --json} prints.
     *
     * @param about what was measured; its fields stand beside those below
     * @param device where it computed
     * @param dtype what it computed in
     * @param threads of one operation
     * @param runs measured runs of each work
     * @param otherCpuShare share of the machine's CPU time that other processes used meanwhile; null if unknown
     * @param rows what was measured, the rate of large linear calls first
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Answer(
            @JsonUnwrapped BenchPlan.About about,
            String device,
            String dtype,
            int threads,
            int runs,
            @Nullable Double otherCpuShare,
            List<Row> rows) {
        public Answer {
            rows = List.copyOf(rows);
        }
    }

    @Override
    protected Result run(Console console) throws IOException {
        requireWithin("--runs", runs, MAX_RUNS);
        if (!(warmUp >= 0 && warmUp <= MAX_WARM_UP)) {
            throw new IllegalArgumentException("--warm-up is " + warmUp + ", allowed are 0 to " + MAX_WARM_UP);
        }
        Runs repetitions = new Runs(runs, warmUp);
        Placement placement = common().placement();
        BenchPlan plan = plan(placement, console);
        List<Row> rows;
        Neighbours neighbours = Neighbours.watch();
        try (Progress progress = console.progress("measuring", Meter.steps(plan.subjects(), repetitions), "runs")) {
            rows = Meter.measure(Linear.large(placement), plan.subjects(), repetitions, progress::step);
        }
        OptionalDouble others = neighbours.share();
        plan.about().lines().forEach(console::say);
        console.say(String.format(
                Locale.ROOT,
                "%s in %s, %d threads, %d runs",
                placement.device(),
                placement.dtype(),
                Engine.threads(),
                runs));
        console.say(Row.HEADER);
        rows.forEach(row -> console.say(row.line()));
        Neighbours.warning(others).ifPresent(console::note);
        return Result.ok(new Answer(
                plan.about(),
                placement.device().toString(),
                placement.dtype().name(),
                Engine.threads(),
                runs,
                others.isPresent() ? others.getAsDouble() : null,
                rows));
    }

    private BenchPlan plan(Placement placement, Console console) throws IOException {
        if (autoencoder.areChosen()) {
            String reason = "belongs to networks, and --encode and --decode measure an autoencoder instead";
            refuse("--measure", reason);
            refuse("--schedule", reason);
            return autoencoder.plan(placement);
        }
        if (!network.makesImages()) {
            refuse("--schedule", "belongs to --measure image");
        }
        return network.plan(placement, images, console);
    }

    /** Refuses every option that was given of those in one group with {@code member}. */
    private void refuse(String member, String reason) {
        ArgGroupSpec group = Objects.requireNonNull(spec.findOption(member)).group();
        for (OptionSpec option : Objects.requireNonNull(group).allOptionsNested()) {
            if (spec.commandLine().getParseResult().hasMatchedOption(option.longestName())) {
                throw new IllegalArgumentException(option.longestName() + " is given, but it " + reason);
            }
        }
    }

    static void requireWithin(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(option + " is " + value + ", allowed are 1 to " + most);
        }
    }
}
