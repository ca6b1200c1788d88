package dev.mediator.experiment;

import java.nio.file.Path;

/** Hears how an experiment goes on. All methods do nothing by default; whatever one throws ends the experiment. */
public interface ExperimentListener {
    /** Listens to nothing. */
    ExperimentListener NONE = new ExperimentListener() {};

    /** Something a user should know once. */
    default void onNote(String note) {}

    /**
     * A phase begins: training, reading the reference, scoring. Phases with nothing to do are left out.
     *
     * @param name of the phase
     * @param total its work
     * @param unit of the work
     */
    default void onPhase(String name, double total, String unit) {}

    /**
     * Updates of a training begin.
     *
     * @param training its name
     * @param seconds that an update will take at most, about, on this machine
     * @param updates how many there are to do
     */
    default void onBegin(String training, double seconds, long updates) {}

    /**
     * Work of the phase was done. Called at least after each update and each step of a sampler, and now and then while metrics
     * are computed.
     *
     * @param done work since the phase began
     * @param detail what is being done
     */
    default void onProgress(double done, String detail) {}

    /** A file was written. */
    default void onFile(Path file) {}
}
