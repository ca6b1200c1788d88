package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.process.MemoryGrowth;
import dev.mediator.tensor.Engine;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TrainingMemoryTest {
    private static final int WARM_UP = 500;
    private static final int STEPS = 3000;

    @TempDir
    private Path folder;

    @Test
    @Timeout(180)
    void aLongTrainingDoesNotGrow() throws Exception {
        assertThat(MemoryGrowth.megabytes(LongTraining.class, folder.resolve("run")))
                .as("growth in MB over " + STEPS + " updates")
                .isLessThan(20);
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
                    "logEvery=100",
                    "checkpointEvery=250",
                    "model.mediators=[4,\"full\"]");
            RunDirectory run = new RunDirectory(Path.of(args[0]));
            try (Trainer trainer = Trainer.start(config, run, new Measuring())) {
                trainer.run();
            }
        }
    }

    private static final class Measuring implements TrainingListener {
        private double before;

        @Override
        public void onStep(long step, long totalSteps) {
            if (step == WARM_UP) {
                before = MemoryGrowth.residentMegabytes();
            } else if (step == WARM_UP + STEPS) {
                MemoryGrowth.report(MemoryGrowth.residentMegabytes() - before);
            }
        }
    }
}
