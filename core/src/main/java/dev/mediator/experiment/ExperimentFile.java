package dev.mediator.experiment;

import dev.mediator.experiment.ExperimentConfig.Run;
import dev.mediator.file.FileNames;
import dev.mediator.file.JsonFile;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.stepwise.Schedule;
import dev.mediator.training.ConfigTree;
import dev.mediator.training.TrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.type.LogicalType;

/**
 * An experiment's JSON file. Trainings are what {@code train} overlays on the defaults of {@link TrainConfig}, a stage on that,
 * and a run's own {@code train} on both. A run that has {@code stages} of its own has those instead.
 */
final class ExperimentFile {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .withCoercionConfig(LogicalType.Integer, c -> c.setCoercion(CoercionInputShape.Float, CoercionAction.Fail))
            .build();

    /** The file as it is written. */
    record Content(String title, ObjectNode train, List<ObjectNode> stages, List<RunContent> runs, ObjectNode scoring) {
        Content {
            requirePresent("title", title);
            requirePresent("train", train);
            requireEntries("stages", stages);
            requireEntries("runs", runs);
            requirePresent("scoring", scoring);
        }
    }

    record RunContent(
            String name,
            @Nullable ObjectNode train,
            @Nullable List<ObjectNode> stages,
            List<String> schedules) {
        RunContent {
            requirePresent("name", name);
            if (stages != null) {
                requireEntries("stages", stages);
            }
            requireEntries("schedules", schedules);
        }
    }

    /** JSON can leave out what Java code cannot. */
    private static void requirePresent(String name, @Nullable Object value) {
        if (value == null) {
            throw new IllegalArgumentException("'" + name + "' is missing");
        }
    }

    private static void requireEntries(String name, @Nullable List<?> values) {
        requirePresent(name, values);
        if (values != null && values.stream().anyMatch(value -> value == null)) {
            throw new IllegalArgumentException("'" + name + "' has an entry without value");
        }
    }

    private final Path file;

    private ExperimentFile(Path file) {
        this.file = file;
    }

    static ExperimentConfig read(Path file) throws IOException {
        FileNames.require(file);
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " does not exist or is not a file");
        }
        try {
            return new ExperimentFile(file).parse(JsonFile.object(file));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private ExperimentConfig parse(ObjectNode object) throws IOException {
        ObjectNode whole = JSON.createObjectNode();
        whole.putObject("train");
        whole.putArray("stages").addObject();
        whole.putObject("scoring");
        whole.setAll(object);
        Content content = convert(whole, Content.class, "");
        Scoring scoring = convert(scoringTree(content.scoring()), Scoring.class, "scoring.");
        List<Run> runs = new ArrayList<>();
        for (RunContent run : content.runs()) {
            runs.add(new Run(run.name(), stages(content, run), schedules(run)));
        }
        return new ExperimentConfig(content.title(), runs, scoring);
    }

    private List<TrainConfig> stages(Content content, RunContent run) throws IOException {
        List<TrainConfig> stages = new ArrayList<>();
        for (ObjectNode stage : run.stages() == null ? content.stages() : run.stages()) {
            ConfigTree tree = ConfigTree.defaults();
            tree.overlay(content.train().toString(), file.toString()).overlay(stage.toString(), file.toString());
            if (run.train() != null) {
                tree.overlay(run.train().toString(), file.toString());
            }
            try {
                stages.add(tree.toConfig());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("the training of the run " + run.name() + ": " + e.getMessage(), e);
            }
        }
        return stages;
    }

    private static List<Schedule> schedules(RunContent run) {
        return run.schedules().stream().map(Schedule::parse).toList();
    }

    /** What the file leaves out has its default; a sampler of another equation shares none. */
    private static ObjectNode scoringTree(ObjectNode given) {
        ObjectNode tree = JSON.valueToTree(Scoring.DEFAULT);
        for (Map.Entry<String, JsonNode> field : given.properties()) {
            if (field.getValue().isNull() && !field.getKey().equals("weights")) {
                throw new IllegalArgumentException("field 'scoring." + field.getKey() + "': null is not allowed here");
            }
            boolean sameKind = !field.getValue().has("equation")
                    || field.getValue()
                            .path("equation")
                            .equals(tree.path("sampler").path("equation"));
            if (sameKind
                    && field.getValue() instanceof ObjectNode group
                    && tree.get(field.getKey()) instanceof ObjectNode known) {
                takeLastStep(known, group);
                known.setAll(group);
            } else {
                tree.set(field.getKey(), field.getValue());
            }
        }
        return tree;
    }

    /** A solver that is named brings its own last step, and a last step that is named its own size. */
    private static void takeLastStep(ObjectNode sampler, ObjectNode given) {
        if (given.path("solver").isString()) {
            LastStep last = OdeSolver.parse(given.get("solver").asString()).defaultLastStep();
            sampler.put("lastStep", last.label()).put("lastStepSize", last.defaultSize());
        }
        if (given.has("lastStep")) {
            sampler.remove("lastStepSize");
        }
    }

    private static <T> T convert(JsonNode tree, Class<T> type, String prefix) {
        try {
            return JSON.treeToValue(tree, type);
        } catch (UnrecognizedPropertyException e) {
            throw new IllegalArgumentException("unknown field '" + prefix + JsonFile.path(e) + "', known there are "
                    + String.join(
                            ", ",
                            e.getKnownPropertyIds().stream()
                                    .map(String::valueOf)
                                    .toList()));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(JsonFile.reason(e, prefix), e);
        }
    }
}
