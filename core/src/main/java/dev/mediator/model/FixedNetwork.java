package dev.mediator.model;

import dev.mediator.nn.FixedParameters;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.Recorder;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What a network keeps whose parameters do not change. */
final class FixedNetwork implements AutoCloseable {
    private final FixedParameters parameters;
    private final ModulationCache modulations = new ModulationCache();
    private @Nullable RecordedPasses recorded;

    FixedNetwork(FixedParameters parameters) {
        this.parameters = parameters;
    }

    FixedParameters parameters() {
        return parameters;
    }

    ModulationCache modulations() {
        return modulations;
    }

    /** From now on passes are recorded and replayed. */
    void record(Recorder recorder) {
        recorded = new RecordedPasses(recorder);
    }

    /** Does a pass, from a record where there is one. */
    Tensor predict(Tensor xt, Tensor rows, MediatorCount mediators, RecordedPasses.Pass pass) {
        return recorded == null ? pass.predict(xt, rows, mediators) : recorded.predict(xt, rows, mediators, pass);
    }

    boolean isRecorded() {
        return recorded != null;
    }

    @Override
    public void close() {
        if (recorded != null) {
            recorded.close(); // before the parameters that recordings read
        }
        parameters.close();
        modulations.close();
    }
}
