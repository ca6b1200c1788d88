package dev.mediator.app.cli.option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The small trained weights that come with the program. */
public final class ShippedWeights {
    private static final String MODEL = "models/fashion-mnist.safetensors";
    private static final String CLASSIFIER = "models/fashion-classifier.safetensors";

    private ShippedWeights() {}

    /** Where the network's are: in the program's folder, which the launcher names, else in the current one. */
    public static Path find() throws IOException {
        return find(MODEL, "--model");
    }

    /** Where those of the classifier are that pictures of clothes are scored with. */
    public static Path findClassifier() throws IOException {
        return find(CLASSIFIER, "--weights");
    }

    private static Path find(String name, String option) throws IOException {
        Path file = Path.of(System.getProperty("mediator.home", "."), name);
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " does not exist: the weights that come with the program are not where they"
                    + " belong; name others with " + option);
        }
        return file;
    }
}
