package dev.mediator.checkpoint;

import dev.mediator.process.CountedReader;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;

/** Opens a file of tensors of any format and uses every tensor. */
public final class TensorReading implements CountedReader {
    public TensorReading() {}

    @Override
    public void read(Path path) throws IOException {
        try (TensorFile file = TensorFile.open(path);
                Scope scope = Scope.open()) {
            for (TensorEntry entry : file.entries()) {
                file.get(entry.name()).sum().close();
            }
        }
    }
}
