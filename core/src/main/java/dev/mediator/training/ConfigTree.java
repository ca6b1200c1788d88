package dev.mediator.training;

import dev.mediator.file.FileNames;
import dev.mediator.file.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.type.LogicalType;

/**
 * A training configuration on its way from JSON: the defaults, overlaid by a file, overlaid by {@code key=value}
 * settings. Unknown fields are errors.
 *
 * <p>For one thread at a time, as it can be changed.
 */
public final class ConfigTree {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .withCoercionConfig(LogicalType.Integer, c -> c.setCoercion(CoercionInputShape.Float, CoercionAction.Fail))
            .withCoercionConfig(
                    LogicalType.Boolean, c -> c.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail))
            .build();

    private final Object defaults;
    private final ObjectNode tree;
    private final List<String> assigned = new ArrayList<>();
    private String origin = ""; // the file that was overlaid last

    private ConfigTree(Object defaults) {
        this.defaults = defaults;
        this.tree = (ObjectNode) JSON.valueToTree(defaults);
    }

    /** The defaults of {@link TrainConfig}. */
    public static ConfigTree defaults() {
        return of(TrainConfig.defaults());
    }

    /** A configuration of any kind, to be overlaid. */
    public static ConfigTree of(Object defaults) {
        return new ConfigTree(defaults);
    }

    /** The defaults of {@link TrainConfig} overlaid by a JSON file. */
    public static ConfigTree read(Path file) throws IOException {
        return defaults().overlay(file);
    }

    /** Overlays a JSON file. */
    public ConfigTree overlay(Path file) throws IOException {
        FileNames.require(file);
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " does not exist or is not a file");
        }
        origin = file.toString();
        return overlay(JsonFile.text(file), origin);
    }

    /**
     * Overlays JSON text.
     *
     * @param origin named in error messages
     */
    public ConfigTree overlay(String json, String origin) throws IOException {
        merge(tree, JsonFile.object(json, origin));
        return this;
    }

    /** Sets one field, such as {@code data.path=/images} or {@code steps=100}; values are JSON or plain text. */
    public ConfigTree set(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException("--set is '" + assignment + "', expected is key=value");
        }
        String[] path = assignment.substring(0, equals).split("\\.", -1);
        String text = assignment.substring(equals + 1);
        ObjectNode node = tree;
        for (int i = 0; i < path.length - 1; i++) {
            if (!(node.get(path[i]) instanceof ObjectNode child)) {
                throw new IllegalArgumentException("--set " + assignment + ": there is no group '" + path[i] + "'");
            }
            node = child;
        }
        node.set(path[path.length - 1], value(text));
        assigned.add(assignment);
        return this;
    }

    /**
     * Sets fields of a run that goes on.
     *
     * @param assignments like those of {@link #set}
     * @param allowed the fields that may change
     */
    ConfigTree setAllowed(List<String> assignments, List<String> allowed) {
        for (String assignment : assignments) {
            String key = assignment.replaceFirst("=.*", "");
            if (!allowed.contains(key)) {
                throw new IllegalArgumentException("--set " + assignment + " with --resume: '" + key
                        + "' decides what is trained, allowed are " + String.join(", ", allowed));
            }
            set(assignment);
        }
        return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException if a field is unknown, of the wrong kind or out of range
     */
    public TrainConfig toConfig() {
        return to(TrainConfig.class);
    }

    /**
     * The configuration, of the kind that the defaults are of.
     *
     * @throws IllegalArgumentException if a field is unknown, of the wrong kind or out of range
     */
    public <C> C to(Class<C> type) {
        try {
            return convert(type);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where(String.valueOf(e.getMessage())) + e.getMessage(), e);
        }
    }

    /** Where a wrong field comes from, if that is a file: one that was set and is named needs no more. */
    private String where(String message) {
        boolean isSet = assigned.stream()
                .map(assignment -> assignment.replaceFirst("=.*", ""))
                .anyMatch(message::contains);
        if (origin.isEmpty() || isSet) {
            return "";
        }
        return origin + (assigned.isEmpty() ? "" : " with --set " + String.join(" --set ", assigned)) + ": ";
    }

    private <C> C convert(Class<C> type) {
        requirePresent(tree, JSON.valueToTree(defaults), "");
        try {
            return JSON.treeToValue(tree, type);
        } catch (UnrecognizedPropertyException e) {
            throw new IllegalArgumentException("unknown field '" + JsonFile.path(e) + "', known there are "
                    + String.join(
                            ", ",
                            e.getKnownPropertyIds().stream()
                                    .map(String::valueOf)
                                    .toList()));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(JsonFile.reason(e), e);
        }
    }

    /** A configuration as indented JSON. */
    public static String toJson(Object config) {
        return JSON.writeValueAsString(config);
    }

    /** Refuses null where the default is something. */
    private static void requirePresent(JsonNode node, JsonNode known, String prefix) {
        for (Map.Entry<String, JsonNode> e : known.properties()) {
            JsonNode given = node.path(e.getKey());
            if (given.isNull() && !e.getValue().isNull()) {
                throw new IllegalArgumentException("field '" + prefix + e.getKey() + "': null is not allowed here");
            }
            requirePresent(given, e.getValue(), prefix + e.getKey() + ".");
        }
    }

    private static JsonNode value(String text) {
        try {
            return JSON.readTree(text.isEmpty() ? "\"\"" : text);
        } catch (JacksonException e) {
            return JSON.valueToTree(text);
        }
    }

    private static void merge(ObjectNode target, ObjectNode overrides) {
        for (Map.Entry<String, JsonNode> e : overrides.properties()) {
            if (e.getValue() instanceof ObjectNode group && target.get(e.getKey()) instanceof ObjectNode known) {
                merge(known, group);
            } else {
                target.set(e.getKey(), e.getValue());
            }
        }
    }
}
