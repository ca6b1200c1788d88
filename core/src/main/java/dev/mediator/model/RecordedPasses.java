package dev.mediator.model;

import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.Recorder;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Forward passes of a fixed network that are recorded and then replayed. What a pass does depends on the shape of its images and
 * on the mediator count, so there is a recording for each. All else that differs between calls, the noised images and the
 * modulations that time and class make, is copied to where the recording reads it, and its result to a tensor of the caller's.
 *
 * <p>A pass is recorded when it is asked for a second time: the first is done as ever, which prepares what is computed once,
 * and a recording costs more than a pass that is never done again. The {@value #LIMIT} used last are kept.
 */
final class RecordedPasses implements AutoCloseable {
    static final int LIMIT = 32;

    /** A forward pass without its modulations: always the same operations for one shape and count. */
    @FunctionalInterface
    interface Pass {
        /**
         * @param xt noised images [B, C, H, W]
         * @param modulations of all layers [B, all widths]
         * @return [B, C, H, W]
         */
        Tensor predict(Tensor xt, Tensor modulations, MediatorCount mediators);
    }

    private record Key(List<Long> shape, DType dtype, MediatorCount mediators) {}

    private final Recorder recorder;
    private final Map<Key, Repeated> passes = new LinkedHashMap<>(16, 0.75f, true); // least used first

    /** @param recorder taken over */
    RecordedPasses(Recorder recorder) {
        this.recorder = recorder;
    }

    /**
     * What the pass gives for these arguments.
     *
     * @param pass the same at each call
     */
    Tensor predict(Tensor xt, Tensor modulations, MediatorCount mediators, Pass pass) {
        Key key = new Key(Arrays.stream(Shapes.of(xt)).boxed().toList(), DType.of(xt), mediators);
        Repeated known = passes.get(key);
        if (known != null) {
            return known.predict(xt, modulations, mediators, pass);
        }
        try (MacCounter counter = MacCounter.open()) {
            Tensor predicted = pass.predict(xt, modulations, mediators);
            passes.put(key, new Repeated(counter.macs()));
            evict();
            return predicted;
        }
    }

    private void evict() {
        if (passes.size() > LIMIT) {
            Map.Entry<Key, Repeated> leastUsed = passes.entrySet().iterator().next();
            leastUsed.getValue().close();
            passes.remove(leastUsed.getKey());
        }
    }

    @Override
    public void close() {
        passes.values().forEach(Repeated::close);
        passes.clear();
        recorder.close();
    }

    /** A pass that was done before. */
    private final class Repeated implements AutoCloseable {
        private final long macs;
        private @Nullable Recorded recorded;

        /** @param macs multiply-adds of the pass: nothing is multiplied where a counter could see it when it is replayed */
        Repeated(long macs) {
            this.macs = macs;
        }

        Tensor predict(Tensor xt, Tensor modulations, MediatorCount mediators, Pass pass) {
            if (recorded == null) {
                recorded = MacCounter.uncounted(() -> Recorded.of(recorder, xt, modulations, mediators, pass));
            } else {
                recorded.xt.copy_(xt);
                recorded.modulations.copy_(modulations);
            }
            MacCounter.count(macs);
            return recorded.recording
                    .replay()
                    .clone(); // the next replay overwrites it, while a solver still has this one
        }

        @Override
        public void close() {
            if (recorded != null) {
                recorded.close();
            }
        }
    }

    /** A recording with the tensors that it reads, which are its own. */
    private record Recorded(Tensor xt, Tensor modulations, Recorder.Recording recording) implements AutoCloseable {
        static Recorded of(Recorder recorder, Tensor xt, Tensor modulations, MediatorCount mediators, Pass pass) {
            Tensor ownXt = copy(xt);
            Tensor ownModulations = copy(modulations);
            try {
                return new Recorded(
                        ownXt, ownModulations, recorder.record(() -> pass.predict(ownXt, ownModulations, mediators)));
            } catch (RuntimeException e) {
                ownXt.close();
                ownModulations.close();
                throw e;
            }
        }

        private static Tensor copy(Tensor tensor) {
            try (Scope scope = Scope.open()) {
                return scope.release(tensor.contiguous().clone());
            }
        }

        @Override
        public void close() {
            recording.close();
            xt.close();
            modulations.close();
        }
    }
}
