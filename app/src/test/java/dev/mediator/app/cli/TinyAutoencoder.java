package dev.mediator.app.cli;

import dev.mediator.codec.Autoencoder;
import dev.mediator.codec.AutoencoderConfig;
import dev.mediator.codec.AutoencoderFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An autoencoder of random weights between colour images and latents of four channels and half the side. */
public final class TinyAutoencoder {
    private TinyAutoencoder() {}

    public static Path write(Path folder, long seed) throws IOException {
        AutoencoderConfig config = new AutoencoderConfig(3, 3, 4, List.of(4, 8), 1, 2, 16, 1);
        try (Autoencoder network = Autoencoder.fresh(config, seed)) {
            new AutoencoderFolder(folder).write(config, network.parameters(), Map.of());
        }
        return folder;
    }
}
