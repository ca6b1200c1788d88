package dev.mediator.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The small trained weights that come with the program. */
final class ShippedWeights {
    private static final String FILE = "models/fashion-mnist.safetensors";

    private ShippedWeights() {}

    /** Where they are: in the program's folder, which the launcher names, else in the current one. */
    static Path find() throws IOException {
        Path file = Path.of(System.getProperty("mediator.home", "."), FILE);
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " does not exist: the weights that come with the program are not where they"
                    + " belong; name others with --model");
        }
        return file;
    }
}
