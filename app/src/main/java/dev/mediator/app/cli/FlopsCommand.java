package dev.mediator.app.cli;

import dev.mediator.model.SitConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flops}: what a network costs and how large it is, by its shape alone. */
@Command(
        name = "flops",
        description = "Show GFLOPs and parameters of a network, without building it, and what the GFLOPs are spent on.",
        footer = {
            "",
            "GFLOPs are multiply-adds of one forward pass of one image / 10^9, as in the paper: products only, without",
            "bias additions, softmax, normalisation and activations. Other places count two operations for each.",
            "",
            "Examples:",
            "  ./mediator flops --preset SiT-S/2 --image-size 256 --mediators 4,16,64,full",
            "  ./mediator flops --preset SiT-XL/2 --image-size 512 --mediators 64 --mediator-blocks 0,1,2,3",
            "  ./mediator flops --preset SiT-Ti/2 --image-size 32 --latent-factor 1 --channels 3 --classes 10",
            "  ./mediator flops --model models/fashion-mnist.safetensors --json | jq '.rows[].gflops'"
        })
final class FlopsCommand extends MediatorCommand {
    @Mixin
    private NetworkOptions options;

    @Override
    protected Result run(Console console) throws IOException {
        List<NetworkOptions.Network> networks = options.networks();
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
                rows);
        console.say("%s, %d×%d images, %d×%d×%d input, %d tokens of width %d, %d blocks"
                .formatted(
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
        new FlopsTable(rows).lines().forEach(console::say);
        console.say("");
        console.say("GFLOPs are multiply-adds of one forward pass of one image / 10^9, as in the paper.");
        return Result.ok(answer);
    }
}
