package dev.mediator.app.cli.cost;

import dev.mediator.app.bench.AutoencoderPasses;
import dev.mediator.codec.AutoencoderConfig;
import dev.mediator.tensor.Placement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code bench} that measure an autoencoder. */
final class BenchAutoencoderOptions {
    private static final AutoencoderConfig SHAPE = AutoencoderConfig.STABLE_DIFFUSION;
    private static final String SHAPE_NAME = "sd-vae-ft-mse";
    private static final int LARGEST = 8192;

    @Option(
            names = "--encode",
            paramLabel = "SIZES",
            description = "How an autoencoder of the shape of " + SHAPE_NAME
                    + " encodes pictures of these sides, such as" + " 256,512.")
    private @Nullable String encode;

    @Option(
            names = "--decode",
            paramLabel = "SIZES",
            description = "How it decodes pictures of these sides, such as 256,512,1024.")
    private @Nullable String decode;

    /** True if an autoencoder is to be measured. */
    boolean areChosen() {
        return encode != null || decode != null;
    }

    BenchPlan plan(Placement placement) {
        return new BenchPlan(
                new BenchPlan.OneAutoencoder(SHAPE_NAME),
                List.of(new AutoencoderPasses(SHAPE, placement, sizes("--encode", encode), sizes("--decode", decode))));
    }

    /** Sizes as given, each checked. */
    private static List<Integer> sizes(String option, @Nullable String text) {
        List<Integer> sizes = new ArrayList<>();
        if (text == null) {
            return sizes;
        }
        for (String word : text.split(",", -1)) {
            sizes.add(size(option, text, word.strip()));
        }
        return sizes;
    }

    private static int size(String option, String text, String word) {
        if (word.matches("\\d{1,4}")) {
            int size = Integer.parseInt(word);
            if (size >= SHAPE.factor() && size <= LARGEST && size % SHAPE.factor() == 0) {
                return size;
            }
        }
        throw new IllegalArgumentException(
                option + " is '" + text + "', allowed are multiples of " + SHAPE.factor() + " up to " + LARGEST);
    }
}
