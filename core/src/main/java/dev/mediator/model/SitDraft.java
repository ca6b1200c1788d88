package dev.mediator.model;

import dev.mediator.checkpoint.SafeTensorsShards;
import dev.mediator.file.CannotWriteException;
import dev.mediator.file.WholeFile;
import dev.mediator.tensor.UseGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network's file that is written but not yet in its place: it lies in a folder beside it, where it can be looked at, until
 * {@link #publish} moves it. Closing a draft that was not published leaves nothing behind.
 * Any thread may use it, one at a time: closing waits for a publication in progress.
 */
public final class SitDraft implements AutoCloseable {
    private final Path target;
    private final Path folder;
    private final List<Path> files; // the one to open last
    private final UseGuard guard;

    private SitDraft(Path target, Path folder, List<Path> files) {
        this.target = target;
        this.folder = folder;
        this.files = files;
        this.guard = new UseGuard("the draft of " + target);
    }

    /**
     * Writes a network with its description: as safetensors, or for PyTorch.
     *
     * @param target where it is to be, with a name that ends in {@code .safetensors} or {@code .pt}
     * @param shardBytes what one file may hold; null for one file. If it is given there is an index beside the target, whose
     *     name has {@code .index.json} in addition
     * @throws IllegalArgumentException if the target's name ends in something else, or PyTorch's file is to be several
     */
    public static SitDraft write(Path target, @Nullable Long shardBytes, SitCheckpoint description, Sit sit)
            throws IOException {
        requireUsable(target, shardBytes);
        Path parent = WholeFile.folderOf(target);
        WholeFile.makeFolder(parent);
        Path folder = temporaryFolder(target, parent);
        boolean written = false;
        try {
            Path file = folder.resolve(target.getFileName());
            List<Path> files;
            if (isForTorch(target)) {
                description.saveForTorch(file, sit);
                files = List.of(file);
            } else if (shardBytes == null) {
                description.save(file, sit.parameters(), sit.positions(), sit.dtype());
                files = List.of(file);
            } else {
                Path index = file.resolveSibling(file.getFileName() + ".index.json");
                files = SafeTensorsShards.write(
                        index, SitCheckpoint.stateDict(sit), description.metadata(), shardBytes);
            }
            written = true;
            return new SitDraft(target, folder, files);
        } catch (CannotWriteException e) {
            throw e.getCause() instanceof IOException cause ? CannotWriteException.of(target, cause) : e;
        } finally {
            if (!written) {
                delete(folder);
            }
        }
    }

    private static Path temporaryFolder(Path target, Path parent) throws IOException {
        try {
            return Files.createTempDirectory(parent, "." + target.getFileName() + "-");
        } catch (IOException e) {
            throw CannotWriteException.of(target, e);
        }
    }

    /**
     * Checks without writing what {@link #write} would be asked for.
     *
     * @throws IllegalArgumentException as it does
     */
    public static void requireUsable(Path target, @Nullable Long shardBytes) {
        if (!isForTorch(target) && !target.getFileName().toString().endsWith(".safetensors")) {
            throw new IllegalArgumentException("the file to write is '" + target
                    + "', allowed are names that end in .safetensors, or in .pt for PyTorch");
        }
        if (isForTorch(target) && shardBytes != null) {
            throw new IllegalArgumentException("the file to write is '" + target
                    + "', which is to be several files; allowed are names that end in .safetensors");
        }
    }

    private static boolean isForTorch(Path target) {
        return target.getFileName().toString().endsWith(".pt");
    }

    /** The file to open: the one there is, or the index. */
    public Path file() {
        try (UseGuard.Use use = guard.use()) {
            return files.get(files.size() - 1);
        }
    }

    /**
     * Moves all files to their place, replacing what was there.
     *
     * @return the file to open
     */
    public Path publish() throws IOException {
        try (UseGuard.Use use = guard.use()) {
            Path published = target;
            for (Path file : files) {
                published = target.resolveSibling(file.getFileName());
                WholeFile.rename(file, published);
            }
            return published;
        }
    }

    @Override
    public void close() throws IOException {
        guard.close(() -> delete(folder));
    }

    private static void delete(Path folder) throws IOException {
        try (var left = Files.newDirectoryStream(folder)) {
            for (Path file : left) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
