package dev.mediator.model;

import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Compares what two networks of the same shape answer to the same input: a sample of noise at t = ½, of class 0. */
public final class SitComparison {
    private final SitFile a;
    private final SitFile b;

    /** Of two files; the networks are loaded one after the other, in fp32. */
    public SitComparison(SitFile a, SitFile b) {
        this.a = a;
        this.b = b;
    }

    /**
     * How far the second network's answer is from the first one's.
     *
     * @return max|b − a| / max|a|; 0 if they are equal bit for bit, not a number if one of them is not finite
     * @throws IOException if a network cannot be loaded
     */
    public double relativeError(MediatorCount mediators) throws IOException {
        try (Scope scope = Scope.open()) {
            Tensor expected = answer(a, mediators);
            Tensor found = answer(b, mediators);
            boolean isFinite = Tensors.isFinite(expected) && Tensors.isFinite(found);
            return isFinite ? Tensors.relativeError(found, expected) : Double.NaN;
        }
    }

    private static Tensor answer(SitFile file, MediatorCount mediators) throws IOException {
        try (NoGradGuard guard = new NoGradGuard();
                Scope scope = Scope.open();
                Sit sit = file.load(DType.F32)) {
            int size = sit.config().inputSize();
            Tensor xt = new RandomStream(0, 0).normalTensor(0, 1, sit.config().inChannels(), size, size);
            Tensor y = Tensors.of(new long[] {0}, 1);
            return scope.keep(sit.forward(xt, Tensors.full(0.5, 1), y, mediators));
        }
    }
}
