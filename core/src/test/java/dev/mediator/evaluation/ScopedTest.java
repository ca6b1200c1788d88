package dev.mediator.evaluation;

import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A memory scope around each test. */
abstract class ScopedTest {
    private Scope scope;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @BeforeEach
    void openScope() {
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** Standard normal features, the same for the same seed. */
    static Tensor normal(long seed, long rows, long columns) {
        return new RandomStream(seed, 0).normalTensor(0, rows, columns);
    }

    static Tensor matrix(double[][] rows) {
        double[] values = new double[rows.length * rows[0].length];
        for (int i = 0; i < values.length; i++) {
            values[i] = rows[i / rows[0].length][i % rows[0].length];
        }
        return Tensors.of(values, rows.length, rows[0].length);
    }
}
