package dev.mediator.analysis;

import dev.mediator.checkpoint.Weights;
import dev.mediator.generation.CheckpointTransport;
import dev.mediator.model.LabelTraining;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitFile;
import dev.mediator.tensor.Placement;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A checkpoint's network, with what is needed to sample from it. Holds native memory until it is closed.
 *
 * <p>Any thread may use it: threads take turns at the network, which refuses to be used once it is closed.
 *
 * @param sit the network
 * @param labels what it has learned of its labels
 * @param transport what it was trained for
 * @param classNames names of the classes 0, 1, …; a class without a name has its number
 */
public record AnalysedNetwork(Sit sit, LabelTraining labels, Transport transport, List<String> classNames)
        implements AutoCloseable {
    public AnalysedNetwork {
        List<String> known = List.copyOf(classNames);
        classNames = IntStream.range(0, sit.config().numClasses())
                .mapToObj(i -> i < known.size() ? known.get(i) : Integer.toString(i))
                .toList();
    }

    /**
     * Opens a checkpoint. One that does not say what its network predicts is taken for velocity on the linear path.
     *
     * @param weights which weights of a training's checkpoint
     * @param placement where and in what the network computes
     * @throws IOException if the file is no usable checkpoint
     */
    public static AnalysedNetwork open(Path checkpoint, Weights weights, Placement placement) throws IOException {
        try (SitFile file = SitFile.open(checkpoint, weights)) {
            SitCheckpoint description = file.description();
            Transport transport = CheckpointTransport.of(description, checkpoint);
            return new AnalysedNetwork(
                    file.loadFixed(placement), description.labels(), transport, description.classNames());
        }
    }

    @Override
    public void close() {
        sit.close();
    }
}
