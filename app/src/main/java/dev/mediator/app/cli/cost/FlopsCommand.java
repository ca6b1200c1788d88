package dev.mediator.app.cli.cost;

import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.option.SamplerOptions;
import dev.mediator.model.SitConfig;
import dev.mediator.stepwise.Schedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code flops}: what a network costs and how large it is, by its shape alone. */
@Command(
        name = "flops",
        description = "Show GFLOPs and parameters of a network, without building it, and what the GFLOPs are spent on.",
        footer = {
            "",
            "GFLOPs are multiply-adds of one forward pass of one image / 10^9, as in the",
            "paper: of products only, not of bias additions, softmax, normalisation and",
            "activations. Where each multiply-add counts as two, figures are twice these.",
            "",
            "Examples:",
            "  ./mediator flops --preset SiT-S/2 --image-size 256 --mediators 4,16,64,full",
            "  ./mediator flops --preset SiT-XL/2 --mediators 64 --mediator-blocks 0,1,2,3",
            "  ./mediator flops --mediators 4,16,64 --sampler sde --schedule budget:0.96",
            "  ./mediator flops --model models/fashion-mnist.safetensors",
            "  ./mediator flops --image-size 512 --json | jq .gflops"
        })
public final class FlopsCommand extends MediatorCommand {
    private static final String SAMPLER = "sampler";

    @Spec
    private CommandSpec spec;

    @Mixin
    private NetworkOptions options;

    @Mixin(name = SAMPLER)
    private SamplerOptions sampler;

    @Option(
            names = "--schedule",
            paramLabel = "TEXT|FILE.json",
            description = "Add the cost of one image through a sampling run by this schedule: static:N, fixed:…,"
                    + " threshold:… or budget:B, as 'sample' takes them.")
    private @Nullable String schedule;

    @Override
    protected Result run(Console console) throws IOException {
        Schedule parsed = schedule == null ? null : Schedule.parseOrRead(schedule);
        List<NetworkOptions.Network> networks = options.networks(parsed == null ? List.of() : parsed.counts());
        List<FlopsAnswer.Row> rows = networks.stream().map(FlopsAnswer.Row::of).toList();
        SitConfig shape = networks.get(0).config();
        Path model = options.model();
        FlopsAnswer answer = new FlopsAnswer(
                options.preset(),
                model == null ? null : model.toString(),
                shape.inputSize() * options.latentFactor(),
                shape.inputSize(),
                shape.tokens(),
                rows.size() == 1 ? rows.get(0) : null,
                rows,
                runOf(parsed, networks));
        print(console, answer, shape);
        return Result.ok(answer);
    }

    private @Nullable FlopsRun runOf(@Nullable Schedule parsed, List<NetworkOptions.Network> networks)
            throws IOException {
        if (parsed != null) {
            return FlopsRun.of(
                    parsed, networks, sampler.config(), sampler.guidance(options.labels()), options.transport());
        }
        for (OptionSpec option :
                Objects.requireNonNull(spec.mixins().get(SAMPLER)).options()) {
            if (spec.commandLine().getParseResult().hasMatchedOption(option.longestName())) {
                throw new IllegalArgumentException(option.longestName() + " needs a --schedule, such as static:16");
            }
        }
        return null;
    }

    private void print(Console console, FlopsAnswer answer, SitConfig shape) {
        Path model = options.model();
        console.say(String.format(
                Locale.ROOT,
                "%s, %d×%d images, %d×%d×%d input, %d tokens of width %d, %d blocks",
                model == null ? options.preset() : model,
                answer.imageSize(),
                answer.imageSize(),
                shape.inputSize(),
                shape.inputSize(),
                shape.inChannels(),
                shape.tokens(),
                shape.width(),
                shape.depth()));
        console.say("");
        new FlopsTable(answer.rows()).lines().forEach(console::say);
        console.say("");
        console.say("GFLOPs are multiply-adds of one forward pass of one image / 10^9, as in the paper.");
        FlopsRun run = answer.run();
        if (run != null) {
            console.say("");
            run.lines().forEach(console::say);
        }
    }
}
