package dev.mediator.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A training that takes a second: one block on Fashion-MNIST at 8×8, on the excerpt among the library's test resources. */
public final class TinyTraining {
    public static final Path EXCERPT =
            Path.of("../core/src/test/resources/fashion-mnist").toAbsolutePath().normalize();

    private TinyTraining() {}

    /** Writes its configuration: 20 updates with a checkpoint every 10. */
    public static Path writeConfig(Path file) throws IOException {
        return Files.writeString(file, """
                {
                  "steps": 20,
                  "batchSize": 8,
                  "dtype": "F32",
                  "logEvery": 5,
                  "checkpointEvery": 10,
                  "emaDecay": 0.9,
                  "optimizer": {"learningRate": 0.003},
                  "model": {"width": 16, "depth": 1, "heads": 2, "mediators": [4, "full"]},
                  "data": {"imageSize": 8, "path": "%s"}
                }
                """.formatted(EXCERPT));
    }
}
