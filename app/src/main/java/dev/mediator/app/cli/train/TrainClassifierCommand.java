package dev.mediator.app.cli.train;

import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.training.ClassifierConfig;
import dev.mediator.training.ClassifierScore;
import dev.mediator.training.ClassifierTrainer;
import dev.mediator.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code train-classifier}: trains the network that pictures of clothing are scored with. */
@Command(
        name = "train-classifier",
        description = {
            "Train the Fashion-MNIST classifier whose features score samples, and test it.",
            "It takes a few minutes and cannot be resumed; an interrupted training leaves nothing behind."
        },
        footer = {"", "Example:", "  ./mediator train-classifier --out runs/classifier.safetensors --seed 1"})
public final class TrainClassifierCommand extends MediatorCommand {
    private static final ClassifierConfig DEFAULTS = ClassifierConfig.defaults();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            required = true,
            description = "Where the weights go, as safetensors; replaced if it exists.")
    private Path out = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder with the four files of Fashion-MNIST. Default: where Debian's package puts them.")
    private @Nullable Path data;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Passes over the training images. Default: that of the shipped weights.")
    private @Nullable Integer epochs;

    @Option(names = "--seed", paramLabel = "N", description = "Default: 0.")
    private long seed;

    /** What {@code --json} prints. */
    record Answer(
            String file,
            String sha256,
            int epochs,
            long steps,
            double loss,
            double testAccuracy,
            long testImages,
            Map<String, Double> classAccuracy,
            double seconds) {}

    @Override
    protected Result run(Console console) throws IOException {
        if (Files.isDirectory(out)) {
            throw new IOException(out + " is a folder, --out names a file");
        }
        if (common().requestedDtype().isPresent()) {
            throw new IllegalArgumentException("--dtype has no meaning here: the classifier is trained in fp32");
        }
        if (!common().device().isHost()) {
            console.note("the classifier is trained on the CPU, whatever --device says: it takes minutes there");
        }
        lockFile(out);
        ClassifierConfig config = configuration();
        long start = System.nanoTime();
        try (ClassifierTrainer trainer = ClassifierTrainer.open(config)) {
            train(console, trainer);
            ClassifierScore score = trainer.test();
            String sha256 = trainer.save(out, score);
            double seconds = (System.nanoTime() - start) * 1e-9;
            return answer(console, config, trainer, score, sha256, seconds);
        }
    }

    private ClassifierConfig configuration() {
        ClassifierConfig config = DEFAULTS.withSeed(seed);
        if (data != null) {
            config = config.withDataPath(data.toString());
        }
        return epochs == null ? config : config.withEpochs(epochs);
    }

    private static void train(Console console, ClassifierTrainer trainer) throws IOException {
        try (Progress progress = console.progress("training", trainer.steps(), "steps")) {
            trainer.run(new TrainingListener() {
                @Override
                public void onBegin(double seconds, long updates) {
                    TrainingProgress.tell(seconds, updates, console::note);
                }

                @Override
                public void onStep(long step, long totalSteps) {
                    progress.detail(String.format(Locale.ROOT, "loss %.4f", trainer.loss()));
                    progress.step(1);
                }
            });
        }
    }

    private Result answer(
            Console console,
            ClassifierConfig config,
            ClassifierTrainer trainer,
            ClassifierScore score,
            String sha256,
            double seconds) {
        List<String> names = trainer.classNames();
        Map<String, Double> perClass = new LinkedHashMap<>();
        for (int k = 0; k < names.size(); k++) {
            perClass.put(names.get(k), score.classAccuracy().get(k));
            console.say(String.format(
                    Locale.ROOT,
                    "%-12s %.1f %%",
                    names.get(k),
                    100 * score.classAccuracy().get(k)));
        }
        console.say(String.format(
                Locale.ROOT,
                "test accuracy %.2f %% of %d images, after %d epochs in %.0f s",
                100 * score.accuracy(),
                score.images(),
                config.epochs(),
                seconds));
        console.say("weights: " + out);
        return Result.ok(new Answer(
                out.toString(),
                sha256,
                config.epochs(),
                trainer.steps(),
                trainer.loss(),
                score.accuracy(),
                score.images(),
                perClass,
                seconds));
    }
}
