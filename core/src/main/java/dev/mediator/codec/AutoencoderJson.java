package dev.mediator.codec;

import dev.mediator.file.JsonFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Autoencoder configurations as diffusers writes them, {@code config.json}. */
final class AutoencoderJson {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();
    private static final String CLASS = "AutoencoderKL";
    private static final String DOWN = "DownEncoderBlock2D";
    private static final String UP = "UpDecoderBlock2D";

    /** What a field that changes the network must be; where it is missing it is that. */
    private static final Map<String, String> FIXED = Map.of(
            "_class_name", CLASS,
            "act_fn", "silu",
            "use_quant_conv", "true",
            "use_post_quant_conv", "true",
            "mid_block_add_attention", "true");

    /** Fields that say nothing about the network. {@code force_upcast} is about fp16, which is not computed in. */
    private static final Set<String> IRRELEVANT = Set.of("_diffusers_version", "_name_or_path", "force_upcast");

    private static final Set<String> READ = Set.of(
            "in_channels",
            "out_channels",
            "latent_channels",
            "block_out_channels",
            "layers_per_block",
            "norm_num_groups",
            "sample_size",
            "scaling_factor",
            "down_block_types",
            "up_block_types");

    private AutoencoderJson() {}

    /**
     * Reads a configuration.
     *
     * @throws IllegalArgumentException if it is not one of an autoencoder that can be built; the message names the field
     */
    static AutoencoderConfig parse(String text) {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("it is not JSON: " + JsonFile.reason(e), e);
        }
        if (!root.isObject()) {
            throw new IllegalArgumentException("it is not a JSON object");
        }
        requireKnown(root);
        List<Integer> widths = widths(root);
        requireBlocks(root, "down_block_types", DOWN, widths.size());
        requireBlocks(root, "up_block_types", UP, widths.size());
        return new AutoencoderConfig(
                integer(root, "in_channels", 3),
                integer(root, "out_channels", 3),
                integer(root, "latent_channels", 4),
                widths,
                integer(root, "layers_per_block", 1),
                integer(root, "norm_num_groups", 32),
                integer(root, "sample_size", 32),
                number(root, "scaling_factor", 0.18215));
    }

    /** Fields of newer networks would change what is computed: better no network than another one. */
    private static void requireKnown(JsonNode root) {
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            String name = field.getKey();
            String fixed = FIXED.get(name);
            if (field.getValue().isNull() || IRRELEVANT.contains(name) || READ.contains(name)) {
                continue;
            }
            if (fixed == null) {
                throw new IllegalArgumentException("its field '" + name + "' is not known");
            }
            if (!fixed.equals(field.getValue().asString(""))) {
                throw new IllegalArgumentException(
                        "its '" + name + "' is " + field.getValue() + ", only " + fixed + " can be computed");
            }
        }
    }

    private static List<Integer> widths(JsonNode root) {
        JsonNode node = root.path("block_out_channels");
        List<Integer> widths = new ArrayList<>();
        for (JsonNode width : node) {
            if (!width.isInt()) {
                throw new IllegalArgumentException("its 'block_out_channels' is " + node + ", expected are integers");
            }
            widths.add(width.asInt());
        }
        return node.isMissingNode() ? List.of(64) : widths;
    }

    private static void requireBlocks(JsonNode root, String field, String kind, int levels) {
        JsonNode types = root.path(field);
        boolean plain = StreamSupport.stream(types.spliterator(), false)
                .allMatch(type -> type.asString("").equals(kind));
        boolean fits = types.isMissingNode() ? levels == 1 : types.isArray() && types.size() == levels;
        if (!plain || !fits) {
            throw new IllegalArgumentException(
                    "its '" + field + "' is " + types + ", only " + levels + " times " + kind + " can be computed");
        }
    }

    private static int integer(JsonNode root, String field, int missing) {
        JsonNode node = root.path(field);
        if (node.isMissingNode()) {
            return missing;
        }
        if (!node.isInt()) {
            throw new IllegalArgumentException("its '" + field + "' is " + node + ", expected is an integer");
        }
        return node.asInt();
    }

    private static double number(JsonNode root, String field, double missing) {
        JsonNode node = root.path(field);
        if (node.isMissingNode()) {
            return missing;
        }
        if (!node.isNumber()) {
            throw new IllegalArgumentException("its '" + field + "' is " + node + ", expected is a number");
        }
        return node.asDouble();
    }

    /** The configuration as diffusers reads it. */
    static String format(AutoencoderConfig config) {
        ObjectNode root = JSON.createObjectNode();
        root.put("_class_name", CLASS);
        root.put("act_fn", "silu");
        root.put("in_channels", config.inChannels());
        root.put("out_channels", config.outChannels());
        root.put("latent_channels", config.latentChannels());
        root.set("block_out_channels", JSON.valueToTree(config.blockOutChannels()));
        root.put("layers_per_block", config.layersPerBlock());
        root.put("norm_num_groups", config.normNumGroups());
        root.put("sample_size", config.sampleSize());
        root.put("scaling_factor", config.scalingFactor());
        for (int level = 0; level < config.levels(); level++) {
            root.withArray("down_block_types").add(DOWN);
            root.withArray("up_block_types").add(UP);
        }
        return JSON.writeValueAsString(root) + "\n";
    }
}
