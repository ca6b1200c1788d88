package dev.mediator.experiment;

import dev.mediator.file.FileNames;
import dev.mediator.file.WholeFile;
import dev.mediator.training.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where an experiment keeps what it makes: {@code runs/} with a {@link RunDirectory} for each training, {@code scores/} with a file
 * for each set of samples, and the report's files.
 *
 * @param path the folder
 */
public record ExperimentFolder(Path path) {
    /** Where a stage of a run is trained: {@code runs/NAME}, or {@code runs/NAME/1}, {@code 2}, … if it has several. */
    public RunDirectory training(ExperimentConfig.Run run, int stage) {
        Path directory = path.resolve("runs").resolve(run.name());
        return new RunDirectory(run.stages().size() == 1 ? directory : directory.resolve(Integer.toString(stage + 1)));
    }

    /** The finished network of a run. */
    public Path model(ExperimentConfig.Run run) {
        return training(run, run.stages().size() - 1).model();
    }

    /** The score of one set of samples. */
    public Path score(String run, String schedule, long seed) {
        return path.resolve("scores").resolve(run).resolve(fileName(schedule) + "-seed" + seed + ".json");
    }

    /** A schedule's text as part of a file's name; different for all of one run, which {@link ExperimentConfig} sees to. */
    static String fileName(String schedule) {
        return schedule.replaceAll("[^A-Za-z0-9.]+", "-");
    }

    /** The table. */
    public Path table() {
        return path.resolve("results.md");
    }

    /** The same and all scores for programs. */
    public Path json() {
        return path.resolve("results.json");
    }

    /** The plot of the Fréchet distance against cost. */
    public Path plot() {
        return path.resolve("fd.png");
    }

    /** A few samples of each row of the table. */
    public Path samples() {
        return path.resolve("samples.png");
    }

    /**
     * Before anything is computed: what cannot be written would be lost.
     *
     * @throws IOException if the folder is a file
     */
    public void requireFolder() throws IOException {
        FileNames.require(path);
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new IOException(path + " is a file, an experiment needs a folder");
        }
        WholeFile.makeFolder(path);
    }
}
