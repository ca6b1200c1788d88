package dev.mediator.training;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.file.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The checkpoint that a run goes on from: the newest one whose content is what was written, and is of the step of its name. */
final class SoundCheckpoint {
    private static final String DAMAGED = ".damaged";

    private SoundCheckpoint() {}

    /**
     * Verifies checkpoints, the newest first. Damaged and misnamed ones are put aside, so that they take the place of no sound one when
     * old ones are deleted, and the listener hears of them.
     *
     * @return null if the run has no checkpoint yet
     * @throws IOException if there are checkpoints and none can be used
     */
    static @Nullable Path of(RunDirectory run, TrainingListener listener) throws IOException {
        List<Path> newestFirst = new ArrayList<>(run.checkpoints());
        Collections.reverse(newestFirst);
        List<String> reasons = new ArrayList<>();
        for (Path checkpoint : newestFirst) {
            try (SafeTensors file = SafeTensors.open(checkpoint)) {
                file.verify();
                requireItsStep(file);
            } catch (IOException e) {
                reasons.add(e.getMessage());
                continue;
            }
            putAside(newestFirst.subList(0, reasons.size()));
            for (String reason : reasons) {
                listener.onNote(reason + ". Put aside as *" + DAMAGED + "; the run goes on from " + checkpoint);
            }
            return checkpoint;
        }
        if (!reasons.isEmpty()) {
            throw new IOException("no checkpoint of " + run.path() + " can be used: " + String.join("; ", reasons));
        }
        return null;
    }

    /** A copy under another name would take the place of a newer one. */
    private static void requireItsStep(SafeTensors file) throws IOException {
        long named = RunDirectory.stepOf(file.file());
        long step = TrainingState.stepOf(file);
        if (step != named) {
            throw new IOException(file.file() + " holds the training after " + step + " updates, not after " + named
                    + " as its name says");
        }
    }

    private static void putAside(List<Path> damaged) throws IOException {
        for (Path checkpoint : damaged) {
            WholeFile.rename(checkpoint, checkpoint.resolveSibling(checkpoint.getFileName() + DAMAGED));
        }
    }
}
