package dev.mediator.experiment;

import dev.mediator.data.DataConfig;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.RunSetup;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StageCosts;
import dev.mediator.training.TrainConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What is trained, and how it is scored. All that can be checked before hours of training is checked here.
 *
 * @param title the headline of the report
 * @param runs what is trained, each with its schedules
 * @param scoring how all of it is scored
 */
public record ExperimentConfig(String title, List<Run> runs, Scoring scoring) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]+([-_.=][A-Za-z0-9]+)*");

    /**
     * A training, and the ways of sampling its network that are scored.
     *
     * @param name of its folder, and in the report
     * @param stages trainings after one another, each of which starts from the network of the one before; at least one
     * @param schedules at least one
     */
    public record Run(String name, List<TrainConfig> stages, List<Schedule> schedules) {
        public Run {
            stages = List.copyOf(stages);
            schedules = List.copyOf(schedules);
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("a run is called '" + name
                        + "', allowed are letters and digits, with single -, _, . or = between them");
            }
            if (stages.isEmpty() || schedules.isEmpty()) {
                throw new IllegalArgumentException("the run " + name + " has " + stages.size() + " stages and "
                        + schedules.size() + " schedules, allowed are 1 or more");
            }
            if (stages.stream().skip(1).anyMatch(stage -> stage.initFrom() != null)) {
                throw new IllegalArgumentException("the run " + name
                        + " has initFrom in a later stage, which starts from the network of the stage before");
            }
            List<String> files = schedules.stream()
                    .map(schedule -> ExperimentFolder.fileName(schedule.toString()))
                    .toList();
            if (files.stream().distinct().count() < files.size()) {
                throw new IllegalArgumentException(
                        "the run " + name + " has the schedules " + schedules + ", allowed are different ones");
            }
        }

        /** The last stage, whose network is scored. */
        public TrainConfig last() {
            return stages.get(stages.size() - 1);
        }

        /** The mediator counts that its network serves. */
        public List<MediatorCount> mediators() {
            return last().model().mediators();
        }

        /** What sampling its network does and costs. */
        RunPlan plan(Scoring scoring, Schedule schedule) {
            StageCosts costs = StageCosts.of(network(last()));
            return RunPlan.of(new RunSetup(scoring.sampler(), scoring.guidance(), last().transport(), costs), schedule);
        }

        /** A stage's network. The number of classes is known to the data only, and costs nothing. */
        static SitConfig network(TrainConfig stage) {
            DataConfig data = stage.data();
            return stage.model()
                    .resolve(data.shape(), Math.max(1, data.classNames().size()));
        }
    }

    public ExperimentConfig {
        runs = List.copyOf(runs);
        if (runs.isEmpty()) {
            throw new IllegalArgumentException("runs is empty, an experiment has 1 or more");
        }
        if (runs.stream().map(Run::name).distinct().count() < runs.size()) {
            throw new IllegalArgumentException("several runs have the same name, allowed is each name once");
        }
        for (Run run : runs) {
            requireUsable(run, scoring);
            if (!run.last().data().equals(runs.get(0).last().data())) {
                throw new IllegalArgumentException("the runs " + runs.get(0).name() + " and " + run.name()
                        + " end with different data, allowed is the same: they are scored alike");
            }
        }
    }

    private static void requireUsable(Run run, Scoring scoring) {
        try {
            run.stages().forEach(Run::network);
            run.schedules().forEach(schedule -> run.plan(scoring, schedule));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the run " + run.name() + ": " + e.getMessage(), e);
        }
        int channels = run.last().data().channels();
        if (scoring.guidance().channels() > channels) {
            throw new IllegalArgumentException("scoring.guidance.channels is "
                    + scoring.guidance().channels() + ", the images of the run " + run.name() + " have " + channels);
        }
    }

    /** The data that all networks end with; its split is that of training. */
    public DataConfig data() {
        return runs.get(0).last().data();
    }

    /**
     * Reads a configuration, see {@code docs/experiment.md}.
     *
     * @throws IOException if the file cannot be read or is not JSON
     * @throws IllegalArgumentException if a field is unknown, missing, of the wrong kind or out of range
     */
    public static ExperimentConfig read(Path file) throws IOException {
        return ExperimentFile.read(file);
    }
}
