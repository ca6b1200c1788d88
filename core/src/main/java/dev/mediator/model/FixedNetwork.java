package dev.mediator.model;

import dev.mediator.nn.FixedParameters;

/** What a network keeps whose parameters do not change. */
record FixedNetwork(FixedParameters parameters, ModulationCache modulations) implements AutoCloseable {
    @Override
    public void close() {
        parameters.close();
        modulations.close();
    }
}
