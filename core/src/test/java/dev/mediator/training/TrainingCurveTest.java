package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.tensor.Engine;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The losses of twenty updates, as this program computed them when the test was written. Whoever changes them changed what
 * a training does: initialisation, data order, draws, network, loss or optimizer. If that is meant, the new numbers are
 * those in the message of the failure.
 */
class TrainingCurveTest {
    private static final double[] LOSSES = {
        1.642463, 1.502881, 1.551609, 1.642193, 1.674714, 1.582682, 1.607702, 1.634742, 1.393155, 1.657524,
        1.765992, 1.426862, 1.580692, 1.505276, 1.606913, 1.489462, 1.512093, 1.508188, 1.378622, 1.427284
    };

    @TempDir
    private Path folder;

    @BeforeAll
    static void oneThread() {
        Engine.start(1);
    }

    @AfterAll
    static void allThreads() {
        Engine.start(Engine.physicalCores());
    }

    @Test
    void theFirstTwentyLosses() throws IOException {
        RunDirectory run = TinyTraining.train(
                folder.resolve("run"), TinyTraining.config("seed=7", "model.mediators=[4,\"full\"]", "data.flip=true"));

        assertThat(TinyTraining.losses(run)).containsExactly(LOSSES, within(1e-4));
    }
}
