package dev.mediator.generation;

import dev.mediator.checkpoint.Weights;
import dev.mediator.codec.Codec;
import dev.mediator.model.LabelTraining;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitFile;
import dev.mediator.stepwise.SitStages;
import dev.mediator.tensor.Placement;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checkpoint files that together serve the stages of a schedule; one, if it is elastic or no more is needed. */
record CheckpointStages(List<Path> files) {
    CheckpointStages {
        files = List.copyOf(files);
        if (files.isEmpty()) {
            throw new IllegalArgumentException("no checkpoint is named");
        }
    }

    /** @param autoencoder folder of the codec, null for the one that the first checkpoint names */
    ImageGenerator open(Weights weights, Placement placement, @Nullable Path autoencoder) throws IOException {
        List<SitCheckpoint> descriptions = new ArrayList<>();
        for (Path file : files) {
            descriptions.add(describe(file, weights));
        }
        requireTogether(descriptions);
        Transport transport = CheckpointTransport.of(descriptions.get(0), files.get(0));
        List<String> classNames = descriptions.get(0).classNames();
        Codec codec = CheckpointCodec.open(files.get(0), descriptions.get(0), placement, autoencoder);
        try {
            for (int i = 1; i < files.size(); i++) {
                CheckpointCodec.requirePictures(files.get(i), descriptions.get(i), codec);
            }
            return generator(load(weights, placement), labels(descriptions), classNames, transport, codec);
        } catch (IOException | RuntimeException e) {
            codec.close();
            throw e;
        }
    }

    /** What all of them have learned: guidance needs every stage. */
    private static LabelTraining labels(List<SitCheckpoint> descriptions) {
        return descriptions.stream()
                .map(SitCheckpoint::labels)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static ImageGenerator generator(
            SitStages stages, LabelTraining labels, List<String> classNames, Transport transport, Codec codec) {
        try {
            return new ImageGenerator(stages, labels, classNames, transport, codec);
        } catch (RuntimeException e) {
            stages.close();
            throw e;
        }
    }

    private static SitCheckpoint describe(Path file, Weights weights) throws IOException {
        try (SitFile opened = SitFile.open(file, weights)) {
            return opened.description();
        }
    }

    /** Stages hand a half-made picture on: all must take it for the same class at the same time of the same path. */
    private void requireTogether(List<SitCheckpoint> descriptions) throws IOException {
        SitCheckpoint first = descriptions.get(0);
        Transport transport = CheckpointTransport.of(first, files.get(0));
        for (int i = 1; i < files.size(); i++) {
            SitCheckpoint other = descriptions.get(i);
            requireSame(i, "classes", first.classNames(), other.classNames());
            requireSame(i, "codec", first.codec(), other.codec());
            requireSame(i, "transport", transport, CheckpointTransport.of(other, files.get(i)));
        }
    }

    private void requireSame(int file, String what, Object first, Object other) {
        if (!first.equals(other)) {
            throw new IllegalArgumentException("the checkpoints " + files.get(0) + " and " + files.get(file)
                    + " differ in their " + what + " (" + first + " and " + other
                    + "), allowed as stages are networks that were trained for the same");
        }
    }

    private SitStages load(Weights weights, Placement placement) throws IOException {
        List<Sit> networks = new ArrayList<>();
        try {
            for (Path file : files) {
                networks.add(SitCheckpoint.loadFixed(file, weights, placement));
            }
            return new SitStages(networks);
        } catch (IOException | RuntimeException e) {
            networks.forEach(Sit::close);
            throw e;
        }
    }
}
