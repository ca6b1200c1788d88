package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.process.NativeGrowth;
import dev.mediator.tensor.Engine;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingMemoryTest {
    private static final int WARM_UP = 50;
    private static final int STEPS = 200;

    @TempDir
    private Path folder;

    @Test
    void aLongTrainingLeavesNothingBehind() throws Exception {
        assertThat(NativeGrowth.of(LongTraining.class, folder.resolve("run"))).isZero();
    }

    /** Trains in the folder that it is given, with log lines and checkpoints on the way. */
    static final class LongTraining {
        private LongTraining() {}

        public static void main(String[] args) throws IOException {
            Engine.start(1);
            TrainConfig config = TinyTraining.config(
                    "steps=" + (WARM_UP + STEPS),
                    "batchSize=4",
                    "model.depth=1",
                    "logEvery=10",
                    "checkpointEvery=25",
                    "model.mediators=[4,\"full\"]");
            RunDirectory run = new RunDirectory(Path.of(args[0]));
            try (Trainer trainer = Trainer.start(config, run, new Measuring())) {
                trainer.run();
            }
        }
    }

    private static final class Measuring implements TrainingListener {
        private long before;

        @Override
        public void onStep(long step, long totalSteps) {
            if (step == WARM_UP) {
                before = NativeGrowth.alive();
            } else if (step == WARM_UP + STEPS) {
                NativeGrowth.report(NativeGrowth.alive() - before);
            }
        }
    }
}
