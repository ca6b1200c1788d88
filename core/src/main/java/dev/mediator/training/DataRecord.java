package dev.mediator.training;

import dev.mediator.data.DataChanges;
import dev.mediator.data.DataIdentity;
import dev.mediator.file.JsonFile;
import dev.mediator.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a run was trained on, kept in its directory: a run that goes on does so on the same images, unless it is told
 * otherwise.
 */
final class DataRecord {
    private DataRecord() {}

    /** Writes what the data are. */
    static void write(RunDirectory run, DataIdentity data) throws IOException {
        WholeFile.write(run.data(), data.toJson());
    }

    /**
     * Compares the data with those that the run has seen so far. Runs of earlier versions do not tell; from now on they do.
     *
     * @param command that trains such a run, for messages
     * @param acceptChanged whether to go on with other data, which then are those of the run
     * @throws IOException if the data have changed and this is not accepted; the message tells how
     */
    static void requireSame(
            RunDirectory run, DataIdentity now, String command, boolean acceptChanged, TrainingListener listener)
            throws IOException {
        Path file = run.data();
        if (!Files.exists(file)) {
            listener.onNote(
                    run.path() + " does not tell what data it was trained on so far: they are taken for the same");
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
            throw new IOException(what + "; to go on with them knowingly: ./mediator " + command + " --run "
                    + run.path() + " --resume --accept-changed-data");
        }
        listener.onNote(what);
        write(run, now);
    }
}
