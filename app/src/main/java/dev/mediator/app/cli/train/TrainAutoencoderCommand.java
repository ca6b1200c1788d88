package dev.mediator.app.cli.train;

import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.codec.AutoencoderFolder;
import dev.mediator.tensor.Engine;
import dev.mediator.training.AutoencoderScore;
import dev.mediator.training.AutoencoderTrainConfig;
import dev.mediator.training.AutoencoderTrainer;
import dev.mediator.training.ConfigTree;
import dev.mediator.training.RunDirectory;
import dev.mediator.training.TrainingListener;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code train-autoencoder}: trains what turns images into latents and back. */
@Command(
        name = "train-autoencoder",
        description = {
            "Train an autoencoder, whose latents a network can then learn to make instead of pixels.",
            "Run directory and resume are those of train; the result is a folder as diffusers writes it."
        },
        footer = {
            "",
            "Examples:",
            "  ./mediator train-autoencoder configs/fashion-autoencoder.json",
            "  ./mediator train-autoencoder configs/fashion-autoencoder.json --run runs/short --set steps=300"
        })
public final class TrainAutoencoderCommand extends MediatorCommand {
    @Mixin
    private RunOptions options;

    /**
     * What {@code --json} prints.
     *
     * @param run the directory
     * @param step updates done
     * @param codec folder of the autoencoder
     * @param scalingFactor what makes its latents' variance 1
     * @param score on images that it was not trained on, if there are some
     */
    public record Answer(String run, long step, String codec, double scalingFactor, AutoencoderScore score) {}

    @Override
    protected String whenStopped() {
        return options.whenStoppedEarly();
    }

    @Override
    protected String whenNotWritten() {
        return options.whenNotWritten();
    }

    @Override
    protected String whenDataChanged() {
        return options.whenDataChanged();
    }

    @Override
    protected Result run(Console console) throws IOException {
        options.acceptChangedData();
        RunDirectory run = options.run();
        try (TrainingProgress listener = new TrainingProgress(console);
                AutoencoderTrainer trainer = open(run, listener)) {
            console.note(String.format(
                    Locale.ROOT,
                    "training in %s with %d threads, from step %d to %d",
                    run.path(),
                    Engine.threads(),
                    trainer.step(),
                    trainer.config().steps()));
            try {
                AutoencoderScore score = trainer.run();
                return answer(console, run, trainer.step(), score);
            } catch (CancellationException e) {
                console.stopped("stopped at step " + trainer.step() + " with a checkpoint; go on with: "
                        + options.commandThatGoesOn(false));
                throw e;
            }
        }
    }

    private AutoencoderTrainer open(RunDirectory run, TrainingListener listener) throws IOException {
        if (options.resume()) {
            if (common().requestedDtype().isPresent()) {
                throw new IllegalArgumentException(
                        "a run is resumed as it was started: --dtype does not go with --resume");
            }
            return AutoencoderTrainer.resume(
                    run, options.assignments(), options.acceptChangedData(), common().device(), listener);
        }
        ConfigTree tree = options.tree(ConfigTree.of(AutoencoderTrainConfig.defaults()));
        common().requestedDtype().ifPresent(dtype -> tree.set("dtype=" + dtype.name()));
        return AutoencoderTrainer.start(tree.to(AutoencoderTrainConfig.class), common().device(), run, listener);
    }

    private static Result answer(Console console, RunDirectory run, long step, AutoencoderScore score)
            throws IOException {
        double factor = new AutoencoderFolder(run.codec()).config().scalingFactor();
        console.say(String.format(
                Locale.ROOT,
                "trained to step %d; %d images come back with a mean error of %.2f %%, PSNR %.1f dB",
                step,
                score.images(),
                100 * score.absoluteError(),
                score.psnr()));
        console.say(String.format(Locale.ROOT, "autoencoder: %s, scaling factor %.4f", run.codec(), factor));
        return Result.ok(new Answer(run.path().toString(), step, run.codec().toString(), factor, score));
    }
}
