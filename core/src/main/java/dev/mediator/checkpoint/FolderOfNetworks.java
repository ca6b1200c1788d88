package dev.mediator.checkpoint;

import dev.mediator.file.FileNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where in a folder the network is that was probably meant by the folder's name. */
final class FolderOfNetworks {
    private static final List<String> FINISHED = List.of(
            "model.safetensors",
            "model.safetensors.index.json",
            "diffusion_pytorch_model.safetensors",
            "pytorch_model.bin",
            "model.pt");

    private FolderOfNetworks() {}

    /** “: …”, which file to name instead; nothing if there is none. */
    static String suffix(Path folder) throws IOException {
        FileNames.require(folder);
        if (!Files.isDirectory(folder)) {
            return "";
        }
        for (String name : FINISHED) {
            if (Files.isRegularFile(folder.resolve(name))) {
                return ": name its network, " + folder.resolve(name);
            }
        }
        Optional<Path> newest = newestCheckpoint(folder.resolve("checkpoints"));
        return newest.map(file -> ": the training in it is not finished; name its newest checkpoint, " + file)
                .orElse("");
    }

    private static Optional<Path> newestCheckpoint(Path folder) throws IOException {
        FileNames.require(folder);
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(folder)) { // numbered with zeros in front, so that names are in order
            return files.filter(file -> file.getFileName().toString().matches("step-\\d+\\.safetensors"))
                    .max(Comparator.comparing(file -> file.getFileName().toString()));
        }
    }
}
