package dev.mediator.training;

import dev.mediator.checkpoint.Weights;
import dev.mediator.data.ImageDataset;
import dev.mediator.file.FileNames;
import dev.mediator.model.Adaptation;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitConfig;
import dev.mediator.model.SitFile;
import dev.mediator.parallel.ProcessGroup;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a training trains: a configuration turned into data, network and state.
 *
 * @param config the configuration
 * @param source of what the network learns to make
 * @param description of the network, as its files carry it
 * @param state weights, average and optimizer at the start
 */
record TrainingTask(TrainConfig config, LatentSource source, SitCheckpoint description, TrainingState state) {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * Opens the data and makes the network and its state.
     *
     * @param group the processes that train it; where all of it is
     * @param initFrom checkpoint whose weights the network starts with; null for fresh ones
     * @throws IOException if the data or the checkpoint cannot be read
     */
    static TrainingTask of(TrainConfig config, ProcessGroup group, @Nullable String initFrom, TrainingListener listener)
            throws IOException {
        Engine.start();
        LatentSource source = LatentSource.open(config, group.device());
        try {
            return of(config, group, source, initFrom, listener);
        } catch (IOException | RuntimeException e) {
            source.close();
            throw e;
        }
    }

    private static TrainingTask of(
            TrainConfig config,
            ProcessGroup group,
            LatentSource source,
            @Nullable String initFrom,
            TrainingListener listener)
            throws IOException {
        ImageDataset dataset = source.dataset();
        dataset.notes().forEach(listener::onNote);
        SitConfig network = config.model().resolve(source.latent(), dataset.classCount());
        ComputeDevice device = group.device();
        Placement placement = new Placement(device, dtype(config.dtype(), device, listener));
        try (Scope scope = Scope.open();
                Sit initial = initial(config.seed(), initFrom, network, listener)) {
            TrainingState state = new TrainingState(initial.parameters(), placement, config.optimizer());
            SitCheckpoint description = new SitCheckpoint(
                    network,
                    dataset.classNames(),
                    JSON.valueToTree(config.transport()),
                    source.codec() == null ? JSON.createObjectNode() : JSON.valueToTree(source.codec()),
                    config.labelDropout(),
                    provenance(config, group.member().size()));
            return new TrainingTask(config, source, description, state);
        }
    }

    /** What a training computes in: what it asks for, unless the device has no arithmetic for it. */
    static DType dtype(DType asked, ComputeDevice device, TrainingListener listener) {
        if (asked == DType.BF16 && !device.hasFastBf16()) {
            listener.onNote("this CPU has no bf16 arithmetic: training computes in fp32");
            return DType.F32;
        }
        return asked;
    }

    /** Fresh weights, or those of another checkpoint, adapted to this network. */
    private static Sit initial(long seed, @Nullable String initFrom, SitConfig network, TrainingListener listener)
            throws IOException {
        if (initFrom == null) {
            return Sit.fresh(network, seed);
        }
        Path path = FileNames.path(initFrom);
        try (SitFile file = SitFile.open(path, Weights.EMA)) {
            SitCheckpoint from = file.description();
            Adaptation adaptation = new Adaptation(from.config(), from.labels(), network, true);
            Sit sit = file.adapt(adaptation, DType.F32);
            adaptation.changes().forEach(change -> listener.onNote("initFrom " + path + ": " + change));
            return sit;
        } catch (IllegalArgumentException e) {
            throw new IOException("initFrom " + path + ": " + e.getMessage(), e);
        }
    }

    private static ObjectNode provenance(TrainConfig config, int processes) {
        ObjectNode provenance = JSON.createObjectNode();
        provenance.put("madeBy", "Mediator training");
        provenance.put("processes", processes);
        provenance.set("training", JSON.valueToTree(config));
        return provenance;
    }
}
