package dev.mediator.training;

import dev.mediator.codec.Autoencoder;
import dev.mediator.codec.AutoencoderConfig;
import dev.mediator.codec.AutoencoderFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Autoencoders of two levels and widths of 4 and 8 for grey images: latents of two channels and half the side. */
final class TinyAutoencoder {
    static final AutoencoderConfig CONFIG = new AutoencoderConfig(1, 1, 2, List.of(4, 8), 1, 2, 8, 1.5);

    private TinyAutoencoder() {}

    /** Writes one with random weights. */
    static Path write(Path folder, long seed) throws IOException {
        try (Autoencoder network = Autoencoder.fresh(CONFIG, seed)) {
            new AutoencoderFolder(folder).write(CONFIG, network.parameters(), Map.of());
        }
        return folder;
    }

    /** A training of 20 updates on the excerpt at 8×8, with these changes. */
    static AutoencoderTrainConfig training(String... assignments) {
        ConfigTree tree = ConfigTree.of(AutoencoderTrainConfig.defaults())
                .set("data.path=" + TinyTraining.config().data().path());
        for (String assignment : List.of(
                "data.imageSize=8",
                "network.latentChannels=2",
                "network.blockOutChannels=[4,8]",
                "network.normNumGroups=2",
                "batchSize=8",
                "steps=20",
                "warmupSteps=2",
                "logEvery=1",
                "checkpointEvery=5",
                "emaDecay=0.8",
                "optimizer.learningRate=5e-3")) {
            tree.set(assignment);
        }
        for (String assignment : assignments) {
            tree.set(assignment);
        }
        return tree.to(AutoencoderTrainConfig.class);
    }
}
