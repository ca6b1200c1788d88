package dev.mediator.training;

import java.nio.file.Path;

/** Hears how a training goes on. All methods do nothing by default. */
public interface TrainingListener {
    /** Something a user should know once, such as a fallback. */
    default void onNote(String note) {}

    /**
     * Updates begin.
     *
     * @param seconds that one will take at most, about, on this machine
     * @param updates how many there are to do
     */
    default void onBegin(double seconds, long updates) {}

    /** An update is done. */
    default void onStep(long step, long totalSteps) {}

    /** A log line was written. */
    default void onLog(LogEntry entry) {}

    /** A file was written: checkpoint, sample sheet, finished network. */
    default void onFile(Path file) {}
}
