package dev.mediator.app.cli.command;

import dev.mediator.app.cli.console.Console;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.CudaState;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Fp32Products;
import dev.mediator.tensor.Placement;
import dev.mediator.transport.Labels;
import java.util.ArrayList;
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
            description =
                    "Where to compute: cpu, cuda (a card), cuda:1 (the second one), or auto for the first card if it can be used,"
                            + " else the CPU; 'info --device' tells what there is. Default: auto.",
            arity = "0..1",
            fallbackValue = "")
    private String device = "auto";

    private @Nullable ComputeDevice chosen; // null if it is only asked what there is

    @Option(
            names = "--matmul",
            paramLabel = "HOW",
            scope = ScopeType.INHERIT,
            description =
                    "How a card multiplies fp32 matrices: ieee, or tf32 for much faster and less exact. Default: ieee.")
    private String matmul = "ieee";

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

    /** True if {@code --device} stands alone: not where to compute is said, but asked. */
    public boolean asksForDevices() {
        return device.isEmpty();
    }

    /** Where to compute. */
    public ComputeDevice device() {
        if (chosen == null) {
            throw new IllegalArgumentException(
                    "--device names no device, allowed are cpu, auto, cuda and a certain card such"
                            + " as cuda:1; './mediator info --device' tells what there is");
        }
        return chosen;
    }

    /**
     * The card of one of several processes on this machine: the one of its number, unless {@code --device} names one; where
     * there is none, the CPU.
     *
     * @throws IllegalArgumentException if there are fewer cards
     */
    public ComputeDevice cardOfProcess(int number) {
        if (device().isHost() || device.contains(":")) {
            return device();
        }
        return ComputeDevice.parse("cuda:" + number);
    }

    /** Leaves other processes of this machine their part of its cores, unless {@code --threads} was given. */
    public void shareThreads(int processes) {
        if (threads == null) {
            Engine.start(Math.max(1, Engine.physicalCores() / processes));
        }
    }

    /** What another process of this machine is started with to compute as this one does, on another device. */
    public List<String> forAnotherProcess(ComputeDevice another) {
        List<String> arguments = new ArrayList<>(List.of("--device", another.toString(), "--matmul", matmul));
        arguments.addAll(List.of("--threads", Integer.toString(Engine.threads())));
        if (verbose) {
            arguments.add("--verbose");
        }
        return arguments;
    }

    /** Where and in what to compute; fp32 unless {@code --dtype} was given. */
    public Placement placement() {
        return new Placement(device(), requestedDtype().orElse(DType.F32));
    }

    /**
     * Checks what was asked for and starts the engine with it. What {@code --device auto} has chosen is said where there was a
     * choice.
     *
     * @param dtypes what {@code --dtype} may be
     * @throws IllegalArgumentException if a value is not allowed, or a device cannot be used
     */
    void startEngine(List<String> dtypes, Console console) {
        Fp32Products products = Fp32Products.parse(matmul);
        if (dtype != null && !dtypes.contains(Labels.word(dtype))) {
            throw new IllegalArgumentException("--dtype is '" + dtype + "', allowed are "
                    + String.join(", ", dtypes).replaceFirst(", (?=[^,]*$)", " and "));
        }
        Engine.start(threads == null ? Engine.physicalCores() : threads);
        products.use();
        chosen = asksForDevices() ? null : choose(console);
    }

    private ComputeDevice choose(Console console) {
        if (!Labels.word(device).equals("auto")) {
            return ComputeDevice.parse(device);
        }
        CudaState cuda = CudaState.find();
        if (!cuda.builtFor().isEmpty()) {
            console.note("computing on " + cuda.best()
                    + cuda.problem().map(why -> ": " + why).orElse(""));
        }
        return cuda.best();
    }
}
