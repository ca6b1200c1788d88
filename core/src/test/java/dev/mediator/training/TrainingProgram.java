package dev.mediator.training;

import dev.mediator.tensor.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Trains in a process of its own, which can be killed: folder of the run, then settings. Starts the run, or resumes it if
 * there is one, and prints each update.
 */
final class TrainingProgram {
    private TrainingProgram() {}

    public static void main(String[] args) throws IOException {
        Engine.start(1);
        RunDirectory run = new RunDirectory(Path.of(args[0]));
        TrainingListener printing = new TrainingListener() {
            @Override
            public void onStep(long step, long totalSteps) {
                System.out.println(step);
            }
        };
        TrainConfig config = TinyTraining.config(Arrays.copyOfRange(args, 1, args.length));
        try (Trainer trainer =
                run.isUsed() ? Trainer.resume(run, List.of(), printing) : Trainer.start(config, run, printing)) {
            trainer.run();
        }
    }
}
