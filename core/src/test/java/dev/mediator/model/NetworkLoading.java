package dev.mediator.model;

import dev.mediator.checkpoint.Weights;
import dev.mediator.process.CountedReader;
import dev.mediator.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;

/** Loads a network. */
public final class NetworkLoading implements CountedReader {
    public NetworkLoading() {}

    @Override
    public void read(Path file) throws IOException {
        SitCheckpoint.load(file, Weights.EMA, DType.F32).close();
    }
}
