package dev.mediator.app.selftest;

import dev.mediator.app.selftest.SelfTestReport.FileReport;
import dev.mediator.app.selftest.SelfTestReport.Status;
import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.file.FileNames;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Engine;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Runs all golden checks over the golden files of a folder, or over the golden files that come with the program. */
public final class SelfTest {
    private static final String SUFFIX = ".safetensors";
    private static final List<GoldenCheck> CHECKS = List.of(
            new MediatorAttentionCheck(),
            new SitCheck(),
            new PositionCheck(),
            new TransportPathCheck(),
            new TransportLossCheck(),
            new TransportIntervalCheck(),
            new SdeCheck(),
            new OdeCheck(),
            new SamplerSitCheck(),
            new DynamicControllerCheck(),
            new DynamicSitCheck(),
            new FinetuneCheck(),
            new EmaAdamwCheck(),
            new TrainStepsCheck());

    /** Small files of most kinds, as resources beside this class. */
    private static final List<String> BUILT_IN = List.of(
            "dynamic_controller",
            "ema_adamw",
            "finetune_interpolate_m4_g8to16",
            "mediator_attention_g8_m4",
            "pos_embed",
            "sampler_ode",
            "train_steps",
            "transport_losses",
            "transport_path");

    private SelfTest() {}

    /**
     * Checks every {@code .safetensors} file of a folder, in the order of their names. A file of unknown kind is skipped, one
     * that cannot be read has failed.
     *
     * @param device where networks, attention and optimizers compute
     * @param listener hears of each file when it is done
     * @throws IOException if the folder is none, or holds no file of a known kind
     */
    public static SelfTestReport run(Path folder, ComputeDevice device, Consumer<FileReport> listener)
            throws IOException {
        FileNames.require(folder);
        if (!Files.isDirectory(folder)) {
            throw new IOException(folder + " is not a folder");
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(f -> f.getFileName().toString().endsWith(SUFFIX))
                    .sorted()
                    .toList();
        }
        SelfTestReport report = check(files, device, listener);
        if (report.names(Status.SKIPPED).size() == files.size()) {
            throw new IOException(folder + " holds no golden file"
                    + (files.isEmpty() ? ": no name ends in " + SUFFIX : " of a known kind"));
        }
        return report;
    }

    /** Checks the files that come with the program: small ones, of most kinds; otherwise as {@link #run}. */
    public static SelfTestReport runBuiltIn(ComputeDevice device, Consumer<FileReport> listener) throws IOException {
        return runBuiltIn(Path.of(System.getProperty("java.io.tmpdir")), device, listener);
    }

    /** The same, with its files in a folder of its own below {@code parent} while it runs. */
    static SelfTestReport runBuiltIn(Path parent, ComputeDevice device, Consumer<FileReport> listener)
            throws IOException {
        Path folder = Files.createTempDirectory(parent, "mediator-selftest");
        List<Path> files = new ArrayList<>();
        try {
            for (String name : BUILT_IN) {
                Path file = folder.resolve(name + SUFFIX);
                files.add(file);
                try (InputStream resource = SelfTest.class.getResourceAsStream("golden/" + name + SUFFIX)) {
                    if (resource == null) {
                        throw new FileNotFoundException("this build lacks the golden file " + name + SUFFIX);
                    }
                    Files.copy(resource, file);
                }
            }
            return check(files, device, listener);
        } finally {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.delete(folder);
        }
    }

    private static SelfTestReport check(List<Path> files, ComputeDevice device, Consumer<FileReport> listener) {
        Engine.start();
        List<FileReport> reports = new ArrayList<>();
        for (Path file : files) {
            FileReport report = check(file, device);
            reports.add(report);
            listener.accept(report);
        }
        return new SelfTestReport(reports);
    }

    private static FileReport check(Path path, ComputeDevice device) {
        String name = path.getFileName().toString();
        try (SafeTensors file = SafeTensors.open(path)) {
            Optional<GoldenCheck> known =
                    CHECKS.stream().filter(c -> c.covers(name, file)).findFirst();
            if (known.isEmpty()) {
                return FileReport.skipped(name, "no check knows this kind of file");
            }
            return FileReport.of(name, known.get().run(file, device));
        } catch (IOException | RuntimeException e) {
            // libtorch's errors carry a trace of native calls after their first line.
            String message = e.getMessage() == null ? e.toString() : e.getMessage();
            return FileReport.failed(name, message.lines().findFirst().orElse(message));
        }
    }
}
