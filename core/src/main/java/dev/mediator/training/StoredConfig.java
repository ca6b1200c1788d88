package dev.mediator.training;

import dev.mediator.file.JsonFile;
import dev.mediator.file.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The configuration that a run goes on with: its checkpoint's, or that of its directory as long as it has no checkpoint. */
final class StoredConfig {
    private StoredConfig() {}

    /**
     * Reads it. If the directory's is gone or damaged, it is written anew from the checkpoint.
     *
     * @param newest the checkpoint that the run goes on from; null if there is none yet
     * @param defaults what it is laid over
     * @param notes hears of what has been written
     */
    static ConfigTree of(RunDirectory run, @Nullable Path newest, ConfigTree defaults, Consumer<String> notes)
            throws IOException {
        if (newest == null) {
            return defaults.overlay(run.config());
        }
        String json = TrainingState.config(newest);
        if (!isSound(run.config())) {
            WholeFile.write(run.config(), json);
            notes.accept(run.config() + " is missing or damaged: it is written anew from " + newest);
        }
        return defaults.overlay(json, newest.toString());
    }

    private static boolean isSound(Path config) {
        try {
            JsonFile.object(config);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
