package dev.mediator.app.cli;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options of every command; they may stand before or after the command's name. */
public final class CommonOptions {
    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            description = "Print exactly one JSON object on stdout, everything else on stderr.")
    private boolean json;

    @Option(
            names = "--threads",
            paramLabel = "N",
            scope = ScopeType.INHERIT,
            description = "Threads of one operation. Default: the number of physical cores.")
    private @Nullable Integer threads;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            scope = ScopeType.INHERIT,
            description = "Where to compute: cpu, or auto for the fastest there is. Default: auto.")
    private String device = "auto";

    @Option(
            names = "--dtype",
            paramLabel = "DTYPE",
            scope = ScopeType.INHERIT,
            description = "Number format: of the network's products, fp32 or bf16; of a file that is written, fp16 too."
                    + " Default: the command's choice.")
    private @Nullable String dtype;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show the stack trace when something fails.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show the version and exit.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean version;

    /** True when stdout belongs to one JSON object. */
    public boolean json() {
        return json;
    }

    /** True when failures show their stack trace. */
    public boolean verbose() {
        return verbose;
    }

    /** The number format asked for with {@code --dtype}; empty for the command's own choice. */
    public Optional<DType> requestedDtype() {
        return Optional.ofNullable(dtype).map(DType::parse);
    }

    /**
     * Checks what was asked for and starts the engine with it.
     *
     * @param dtypes what {@code --dtype} may be
     * @throws IllegalArgumentException if a value is not allowed
     */
    void startEngine(List<String> dtypes) {
        requireKnownDevice();
        if (dtype != null && !dtypes.contains(dtype)) {
            throw new IllegalArgumentException("--dtype is '" + dtype + "', allowed are "
                    + String.join(", ", dtypes).replaceFirst(", (?=[^,]*$)", " and "));
        }
        Engine.start(threads == null ? Engine.physicalCores() : threads);
    }

    private void requireKnownDevice() {
        if (!device.equals("cpu") && !device.equals("auto")) {
            throw new IllegalArgumentException(
                    "--device is '" + device + "', allowed are cpu and auto: this version computes on the CPU only");
        }
    }
}
