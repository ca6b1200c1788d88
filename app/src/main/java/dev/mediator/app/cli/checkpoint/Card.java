package dev.mediator.app.cli.checkpoint;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * A card, as the driver's own program {@code nvidia-smi} describes it. Its order is that of the driver, which with several cards of
 * different kinds may not be the one in which they are numbered here.
 *
 * @param name of the model
 * @param memoryMegabytes all of its memory
 * @param computeCapability what its processors can do, such as 9.0
 * @param bf16 whether it multiplies bf16 matrices in hardware
 */
record Card(String name, long memoryMegabytes, String computeCapability, boolean bf16) {
    private static final List<String> QUERY =
            List.of("nvidia-smi", "--query-gpu=name,memory.total,compute_cap", "--format=csv,noheader,nounits");

    /** All cards; none if the program is not there, or sees none. */
    static List<Card> all() {
        try {
            Process process = new ProcessBuilder(QUERY)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (BufferedReader reader = process.inputReader()) {
                List<String> lines = reader.lines().toList();
                return process.waitFor() == 0 ? lines.stream().map(Card::parse).toList() : List.of();
            }
        } catch (IOException e) {
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** Reads {@code NVIDIA H100 80GB HBM3, 81559, 9.0}. */
    static Card parse(String line) {
        String[] fields = line.strip().split("\\s*,\\s*", -1);
        if (fields.length != 3) {
            throw new IllegalStateException("nvidia-smi says '" + line + "', expected are name, memory and capability");
        }
        boolean bf16 = Double.parseDouble(fields[2]) >= 8;
        return new Card(fields[0], Long.parseLong(fields[1]), fields[2], bf16);
    }

    /** For people. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s, %d MB, compute capability %s%s",
                name,
                memoryMegabytes,
                computeCapability,
                bf16 ? ", bf16" : ", no bf16");
    }
}
