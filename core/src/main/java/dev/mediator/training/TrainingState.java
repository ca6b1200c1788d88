package dev.mediator.training;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.checkpoint.Weights;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.parallel.LostProcessException;
import dev.mediator.parallel.ProcessGroup;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * All that a training carries from one update to the next: weights, their average, the optimizer's moments and the
 * number of updates. Noise, times, dropout and data order are functions of seed and position, so nothing else is needed
 * to go on bit for bit.
 *
 * <p>For one thread at a time; its parts refuse to be used once it is closed.
 */
public final class TrainingState implements AutoCloseable {
    private static final String FIRST_MOMENT = "optimizer.exp_avg.";
    private static final String SECOND_MOMENT = "optimizer.exp_avg_sq.";
    private static final String STEP = "step";
    private static final String TRAINING = "training";

    private final FlatParameters parameters;
    private final AdamW optimizer;
    private final WeightAverage average;
    private long step;

    /**
     * The state before the first update.
     *
     * @param initial name → starting values
     * @param placement where all of it is, and what the network computes in, F32 or BF16
     */
    public TrainingState(Map<String, Tensor> initial, Placement placement, AdamW.Config optimizer) {
        this.parameters = new FlatParameters(initial, placement);
        this.optimizer = new AdamW(optimizer, parameters.values());
        this.average = new WeightAverage(parameters.values());
    }

    /** What the network is built over; its backward passes collect gradients here. */
    public FlatParameters parameters() {
        return parameters;
    }

    /** Updates done. */
    public long step() {
        return step;
    }

    /** The averaged weights by name. */
    public Map<String, Tensor> averaged() {
        return parameters.named(average.values());
    }

    /**
     * Updates weights and average from the collected gradients, and clears those.
     *
     * @param rateFactor multiplies the learning rate
     * @param emaDecay decay of the average
     */
    public void update(double rateFactor, double emaDecay) {
        optimizer.step(parameters.values(), parameters.gradients(), rateFactor);
        parameters.refresh();
        parameters.clearGradients();
        average.update(parameters.values(), emaDecay);
        step++;
    }

    /**
     * Writes everything as one file.
     *
     * @param description of the network, as metadata
     * @param config of the training, for {@link #config}
     */
    void save(Path file, Map<String, String> description, Object config) throws IOException {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            put(tensors, Weights.MODEL.prefix(), parameters.values());
            put(tensors, Weights.EMA.prefix(), average.values());
            put(tensors, FIRST_MOMENT, optimizer.firstMoment());
            put(tensors, SECOND_MOMENT, optimizer.secondMoment());
            Map<String, String> metadata = new LinkedHashMap<>(description);
            metadata.put(STEP, Long.toString(step));
            metadata.put(TRAINING, ConfigTree.toJson(config));
            SafeTensorsWriter.write(file, tensors, metadata);
        }
    }

    /** Takes everything from a file written by {@link #save}. */
    void load(Path path) throws IOException {
        try (SafeTensors file = SafeTensors.open(path);
                Scope scope = Scope.open()) {
            try {
                take(file, Weights.MODEL.prefix(), parameters.values());
                take(file, Weights.EMA.prefix(), average.values());
                take(file, FIRST_MOMENT, optimizer.firstMoment());
                take(file, SECOND_MOMENT, optimizer.secondMoment());
                step = stepOf(file);
            } catch (IllegalArgumentException e) {
                throw new IOException(path + ": " + e.getMessage(), e);
            }
            parameters.refresh();
            optimizer.resumeAt(step);
        }
    }

    /**
     * The updates behind a checkpoint.
     *
     * @throws IOException if the file is none
     */
    static long stepOf(SafeTensors file) throws IOException {
        String stored = String.valueOf(file.metadata().get(STEP));
        if (!stored.matches("\\d{1,18}")) {
            throw new IOException(file.file() + " is not a checkpoint of a training: its metadata has "
                    + (file.metadata().containsKey(STEP) ? "the 'step' '" + stored + "'" : "no 'step'"));
        }
        return Long.parseLong(stored);
    }

    /** Takes everything from process 0, as process 0 gives it to all. */
    void share(ProcessGroup group) throws LostProcessException {
        group.broadcast(parameters.values());
        group.broadcast(average.values());
        group.broadcast(optimizer.firstMoment());
        group.broadcast(optimizer.secondMoment());
        step = Long.parseLong(group.fromFirst(Long.toString(step)));
        parameters.refresh();
        optimizer.resumeAt(step);
    }

    /** Latents of another codec would be another data set. */
    static void requireSameCodec(Path path, SitCheckpoint description) throws IOException {
        try (SafeTensors file = SafeTensors.open(path)) {
            String before = fingerprint(SitCheckpoint.describe(file));
            if (!before.equals(fingerprint(description))) {
                throw new IOException(path + " was trained on latents of another codec: resume with the one it was");
            }
        }
    }

    private static String fingerprint(SitCheckpoint description) {
        return description.codec().path("fingerprint").asString("");
    }

    /** The configuration that a checkpoint of a training was made with, as JSON. */
    static String config(Path path) throws IOException {
        try (SafeTensors file = SafeTensors.open(path)) {
            String json = file.metadata().get(TRAINING);
            if (json == null) {
                throw new IOException(path + " is not a checkpoint of a training");
            }
            return json;
        }
    }

    private void put(Map<String, Tensor> tensors, String prefix, Tensor flat) {
        parameters.named(flat).forEach((name, tensor) -> tensors.put(prefix + name, tensor));
    }

    private void take(SafeTensors file, String prefix, Tensor flat) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        file.all().forEach((name, tensor) -> {
            if (name.startsWith(prefix)) {
                tensors.put(name.substring(prefix.length()), tensor);
            }
        });
        parameters.load(flat, tensors);
    }

    @Override
    public void close() {
        parameters.close();
        optimizer.close();
        average.close();
    }
}
