package dev.mediator.training;

import dev.mediator.data.DataChanges;
import dev.mediator.data.DataIdentity;
import dev.mediator.data.LatentDataset;
import dev.mediator.file.FileNames;
import dev.mediator.file.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a run was trained on, kept in its directory: a run that goes on does so on the same images, unless it is told
 * otherwise.
 */
public final class DataRecord {
    private DataRecord() {}

    /** Writes what the data are. */
    static void write(RunDirectory run, DataIdentity data) throws IOException {
        JsonFile.writeSealed(run.data(), data.toJson());
    }

    /** What the data of a training are now. */
    public static DataIdentity now(TrainConfig config) throws IOException {
        return config.latents() != null
                ? LatentDataset.open(FileNames.path(config.latents())).identity()
                : config.data().open().identity();
    }

    /**
     * Compares the data with those that the run has seen so far. Runs of earlier versions do not tell; from now on they do.
     *
     * @param acceptChanged whether to go on with other data, which then are those of the run
     * @param notes hears what a user should know
     * @throws ChangedDataException if the data have changed and this is not accepted
     */
    public static void requireSame(RunDirectory run, DataIdentity now, boolean acceptChanged, Consumer<String> notes)
            throws IOException {
        Path file = run.data();
        if (!Files.exists(file)) {
            notes.accept(run.path() + " does not tell what data it was trained on so far: they are taken for the same");
            write(run, now);
            return;
        }
        DataIdentity before = DataIdentity.parse(file, JsonFile.text(file));
        List<String> changes = DataChanges.between(before, now);
        if (changes.isEmpty()) {
            return;
        }
        String what =
                "the data have changed since " + run.path() + " was trained on them: " + String.join(", ", changes);
        if (!acceptChanged) {
            throw new ChangedDataException(what);
        }
        notes.accept(what);
        write(run, now);
    }
}
