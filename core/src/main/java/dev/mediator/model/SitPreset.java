package dev.mediator.model;

import dev.mediator.nn.MediatorCount;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * The sizes of the published models (DiT, SiT) and a small one for CPUs. With a patch size they make names such as
 * {@code SiT-XL/2}.
 */
public enum SitPreset {
    TI("Ti", 6, 192, 3),
    S("S", 12, 384, 6),
    B("B", 12, 768, 12),
    L("L", 24, 1024, 16),
    XL("XL", 28, 1152, 16);

    private static final List<Integer> PATCHES = List.of(2, 4, 8);

    private final String label;
    private final int depth;
    private final int width;
    private final int heads;

    SitPreset(String label, int depth, int width, int heads) {
        this.label = label;
        this.depth = depth;
        this.width = width;
        this.heads = heads;
    }

    /** All names, {@code SiT-Ti/2} to {@code SiT-XL/8}. */
    public static List<String> names() {
        List<String> names = new ArrayList<>();
        for (SitPreset preset : values()) {
            PATCHES.forEach(p -> names.add("SiT-" + preset.label + "/" + p));
        }
        return names;
    }

    /** Heads of the preset with this many blocks of this width; empty if there is none. */
    static OptionalInt heads(int depth, int width) {
        return Arrays.stream(values())
                .filter(preset -> preset.depth == depth && preset.width == width)
                .mapToInt(preset -> preset.heads)
                .findFirst();
    }

    /**
     * The configuration of a named preset.
     *
     * @param name such as {@code SiT-S/2}
     * @param inputSize side of the image or latent
     * @param inChannels channels of the image or latent
     * @param numClasses number of classes
     * @param learnSigma see {@link SitConfig}
     * @param mediators see {@link SitConfig}
     */
    public static SitConfig config(
            String name,
            int inputSize,
            int inChannels,
            int numClasses,
            boolean learnSigma,
            List<MediatorCount> mediators) {
        for (SitPreset preset : values()) {
            for (int patch : PATCHES) {
                if (("SiT-" + preset.label + "/" + patch).equalsIgnoreCase(name.strip())) {
                    return new SitConfig(
                            inputSize,
                            patch,
                            inChannels,
                            preset.width,
                            preset.depth,
                            preset.heads,
                            4,
                            numClasses,
                            learnSigma,
                            mediators,
                            null);
                }
            }
        }
        throw new IllegalArgumentException("preset is '" + name + "', allowed are " + String.join(", ", names()));
    }
}
