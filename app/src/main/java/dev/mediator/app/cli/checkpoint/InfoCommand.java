package dev.mediator.app.cli.checkpoint;

import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.option.WeightsOption;
import dev.mediator.app.cli.option.WeightsPlace;
import dev.mediator.checkpoint.TensorFile;
import dev.mediator.file.JsonFile;
import dev.mediator.model.SitFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code info}: what a checkpoint holds. */
@Command(
        name = "info",
        description = {
            "Show what a checkpoint holds: settings, parameters, tensors; or what there is to compute on.",
            "Safetensors files, their indices (*.index.json) and PyTorch files are recognised by their content.",
            "Nothing in a PyTorch file is executed."
        },
        footer = {
            "",
            "Examples:",
            "  ./mediator info FILE          what is in a checkpoint",
            "  ./mediator info --device      natives, driver and cards, and which of them --device auto takes"
        })
public final class InfoCommand extends MediatorCommand {
    @Parameters(paramLabel = "FILE", arity = "0..1", description = "The checkpoint. Not with --device alone.")
    private @Nullable Path file;

    @Option(
            names = "--checksum",
            description =
                    "Add the SHA-256 of each tensor's row-major little-endian bytes. A file that is not what the checksums in it"
                            + " say is named and ends with exit code 1.")
    private boolean checksum;

    @Option(
            names = "--verify",
            description = "Read the whole file and hold it against the checksums it carries; without those, check that"
                    + " all numbers are finite. Schedules, profiles and records (*.json) are verified too. A damaged file"
                    + " is named and ends with exit code 1.")
    private boolean verify;

    @Option(
            names = "--weights",
            paramLabel = "SET",
            description = "Only these weights of a training's checkpoint, without their prefix: ema or model.")
    private @Nullable String weights;

    @Mixin
    private WeightsPlace place = new WeightsPlace();

    @Override
    protected Result run(Console console) throws IOException {
        if (common().asksForDevices()) {
            if (file != null || checksum || verify || weights != null || place.isNamed()) {
                throw new IllegalArgumentException("--device alone asks for devices, and a FILE is named too");
            }
            DeviceInfo devices = DeviceInfo.find();
            devices.sayAll(console);
            return Result.ok(devices);
        }
        if (file == null) {
            throw new IllegalArgumentException("FILE is missing; 'info --device' tells what there is to compute on");
        }
        return verify && isPlainJson(file) ? verifiedJson(file, console) : tensors(file, console);
    }

    private Result tensors(Path path, Console console) throws IOException {
        try (TensorFile opened = TensorFile.open(path)) {
            TensorFile tensors = weights == null && !place.isNamed() ? opened : chosen(opened);
            if (verify) {
                opened.verify();
            } else if (checksum) {
                opened.verifyChecksums(); // all of it is read anyway
            }
            FileInfo info = FileInfo.of(tensors, checksum, verify ? Verified.of(opened) : null, console);
            info.sayAll(console);
            if (verify) {
                console.say(Verified.of(opened).line(opened.file()));
            }
            return Result.ok(info);
        }
    }

    /** What {@code --verify --json} prints of a schedule, profile or record. */
    record VerifiedJson(String file, String format, long bytes, String verified) {}

    /** True for schedules, profiles and records, which hold no tensors. */
    private static boolean isPlainJson(Path path) {
        String name = String.valueOf(path.getFileName());
        return name.endsWith(".json") && !name.endsWith(".index.json");
    }

    private Result verifiedJson(Path path, Console console) throws IOException {
        if (checksum || weights != null || place.isNamed()) {
            throw new IllegalArgumentException(path + " is JSON and holds no tensors: --verify alone goes with it");
        }
        JsonFile.tree(path);
        if (!JsonFile.isSealed(path)) {
            throw new IOException(path + " has no checksum of its content: it is JSON, and nothing more can be said");
        }
        console.say(path + ": verified: the content is what its checksum says");
        return Result.ok(new VerifiedJson(path.toString(), "json", Files.size(path), Verified.CHECKSUMS));
    }

    private TensorFile chosen(TensorFile opened) throws IOException {
        return SitFile.weightsOf(opened, place.of(WeightsOption.parse(weights == null ? "ema" : weights)));
    }
}
