package dev.mediator.training;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.json.JsonMapper;

/** Trainings that take seconds: 8×8 images of the excerpt, two blocks of width 16, in fp32. */
final class TinyTraining {
    private static final List<String> TINY = List.of(
            "data.imageSize=8",
            "model.depth=2",
            "model.width=16",
            "model.heads=2",
            "model.mediators=[4]",
            "dtype=F32",
            "batchSize=8",
            "steps=20",
            "logEvery=1",
            "checkpointEvery=5",
            "optimizer.learningRate=1e-3");

    private TinyTraining() {}

    /** A small training with these changes, later ones winning. */
    static TrainConfig config(String... assignments) {
        ConfigTree tree = ConfigTree.defaults().set("data.path=" + excerpt());
        TINY.forEach(tree::set);
        for (String assignment : assignments) {
            tree.set(assignment);
        }
        return tree.toConfig();
    }

    private static Path excerpt() {
        try {
            return Path.of(TinyTraining.class.getResource("/fashion-mnist").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Trains to the end in an unused directory. */
    static RunDirectory train(Path folder, TrainConfig config) throws IOException {
        RunDirectory run = new RunDirectory(folder);
        try (Trainer trainer = Trainer.start(config, run, new TrainingListener() {})) {
            trainer.run();
        }
        return run;
    }

    /** Losses of a run's log, one per update if {@code logEvery} is 1. */
    static double[] losses(RunDirectory run) throws IOException {
        return run.readLog().stream().mapToDouble(LogEntry::loss).toArray();
    }

    /** SHA-256 of every tensor in a file, by name. */
    static Map<String, String> checksums(Path file) throws IOException {
        Map<String, String> checksums = new TreeMap<>();
        try (SafeTensors tensors = SafeTensors.open(file)) {
            tensors.entries().forEach(entry -> checksums.put(entry.name(), tensors.sha256(entry.name())));
        }
        return checksums;
    }

    /**
     * Writes a network of this training's shape to start from. Fresh networks have zero gates, through which most
     * gradients are zero; here all weights are N(0, 0.1²), save for those named so, which are scaled.
     */
    static void writeInitial(Path file, TrainConfig config, String scaled, double scale) throws IOException {
        ParameterSource random = (name, init, shape) -> Scope.keepResult(() -> {
            Tensor values = new RandomStream(5, name.hashCode()).normalTensor(0, shape);
            return Ops.mul(values, name.equals(scaled) ? scale : 0.1);
        });
        JsonMapper json = new JsonMapper();
        try (Scope scope = Scope.open();
                Sit sit = new Sit(config.model().resolve(config.data().shape(), 10), random)) {
            new SitCheckpoint(sit.config(), List.of(), json.createObjectNode(), json.createObjectNode())
                    .save(file, sit.parameters(), sit.positions(), DType.F32);
        }
    }

    /** max|a − b| / max|b| over all tensors whose names start so. */
    static double difference(Path file, Path golden, String prefix) throws IOException {
        double difference = 0;
        double largest = 0;
        try (Scope scope = Scope.open();
                SafeTensors a = SafeTensors.open(file);
                SafeTensors b = SafeTensors.open(golden)) {
            for (Map.Entry<String, Tensor> e : b.all().entrySet()) {
                if (e.getKey().startsWith(prefix)) {
                    difference = Math.max(
                            difference, Tensors.maxAbs(a.get(e.getKey()).sub(e.getValue())));
                    largest = Math.max(largest, Tensors.maxAbs(e.getValue()));
                }
            }
        }
        return difference / largest;
    }
}
