package dev.mediator.evaluation;

import dev.mediator.checkpoint.NpzFile;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;

/** Numbers that other programs computed; src/test/resources/evaluation/README.md tells by what. */
final class Golden {
    static final Path FOLDER = Path.of("src/test/resources/evaluation");

    private Golden() {}

    static Tensor features(String name) throws IOException {
        return read("features.npz", name);
    }

    static Tensor expected(String name) throws IOException {
        return read("expected.npz", name);
    }

    static double number(String name) throws IOException {
        return Tensors.scalar(expected(name));
    }

    /** Statistics of features. */
    static FeatureGaussian gaussian(Tensor features) throws IOException {
        try (FeatureStatistics statistics = new FeatureStatistics(features.size(1))) {
            statistics.add(features);
            return statistics.gaussian();
        }
    }

    private static Tensor read(String file, String name) throws IOException {
        try (NpzFile npz = NpzFile.open(FOLDER.resolve(file))) {
            return npz.read(name, 1 << 20);
        }
    }
}
