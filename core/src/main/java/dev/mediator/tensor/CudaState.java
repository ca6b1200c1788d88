package dev.mediator.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;

/**
 * What this process has for computing on cards: natives, CUDA's libraries, a driver, cards. Each needs the one before.
 *
 * @param builtFor version of CUDA that the natives were built for, empty if they are for the CPU only
 * @param missing what keeps CUDA's libraries from loading, empty if they are loaded
 * @param runtime version of CUDA's runtime library, empty without
 * @param cudnn version of cuDNN, empty without
 * @param driver version of the driver that is loaded, empty if none was found
 * @param cards number of cards that can be used
 */
public record CudaState(String builtFor, String missing, String runtime, String cudnn, String driver, int cards) {
    /** The first driver that knows CUDA 13. */
    private static final int OLDEST_DRIVER = 580;

    private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");
    private static final Pattern DRIVER_VERSION = Pattern.compile("\\s(\\d{3}\\.\\d+(?:\\.\\d+)?)\\s");
    private static final Pattern BUILT_FOR = Pattern.compile("CUDA_VERSION=([\\d.]+)");

    /** Looks at natives, libraries, driver and cards. */
    public static CudaState find() {
        Engine.start();
        Matcher built = BUILT_FOR.matcher(text(torch.show_config()));
        if (!built.find()) {
            return new CudaState("", "", "", "", findDriver(), 0);
        }
        if (!Context.hasCUDART()) {
            return new CudaState(built.group(1), findMissing(), "", "", findDriver(), 0);
        }
        return new CudaState(
                built.group(1),
                "",
                dotted(Context.versionCUDART(), 1000, 10),
                dotted(torch.getCUDAHooks().versionRuntimeCuDNN(), 10000, 100),
                findDriver(),
                torch.cuda_device_count());
    }

    /** The first card if it can be used, else the host. */
    public ComputeDevice best() {
        return problem().isEmpty() ? ComputeDevice.cuda(0) : ComputeDevice.CPU;
    }

    /** Why no card can be used; empty if one can. */
    public Optional<String> problem() {
        if (builtFor.isEmpty()) {
            return Optional.of("these natives of libtorch are for the CPU only: build with -Pcuda (docs/platforms.md)");
        } else if (!missing.isEmpty()) {
            return Optional.of("libraries of CUDA " + builtFor + " are missing, " + missing
                    + ": put their folders on LD_LIBRARY_PATH (docs/platforms.md)");
        } else if (cards > 0) {
            return Optional.empty();
        } else if (driver.isEmpty()) {
            return Optional.of("no NVIDIA driver is loaded on this machine");
        } else if (Integer.parseInt(driver.substring(0, driver.indexOf('.'))) < OLDEST_DRIVER) {
            return Optional.of("the NVIDIA driver " + driver + " is too old for CUDA " + builtFor + ", needed is "
                    + OLDEST_DRIVER + " or newer");
        }
        String hidden = System.getenv("CUDA_VISIBLE_DEVICES");
        return Optional.of("the NVIDIA driver " + driver + " shows no card"
                + (hidden == null ? "" : " (CUDA_VISIBLE_DEVICES is '" + hidden + "')"));
    }

    /** Why a certain card cannot be used; empty if it can. */
    Optional<String> problem(int index) {
        return problem()
                .or(() -> index < cards
                        ? Optional.empty()
                        : Optional.of(
                                cards == 1
                                        ? "the only card is cuda:0"
                                        : "the cards are cuda:0 to cuda:" + (cards - 1)));
    }

    /** JavaCPP goes on without libraries that it cannot load: tried again, to hear why. */
    private static String findMissing() {
        Path library = Path.of(Loader.load(torch.class)).resolveSibling("libtorch_cuda.so");
        try {
            System.load(library.toString());
            return "libtorch_cuda.so does not register itself";
        } catch (UnsatisfiedLinkError e) {
            return String.valueOf(e.getMessage()).replaceFirst("^\\S+/libtorch_cuda\\.so: ", "");
        }
    }

    private static String findDriver() {
        try {
            Matcher version = DRIVER_VERSION.matcher(Files.readString(DRIVER));
            return version.find() ? version.group(1) : "";
        } catch (IOException e) {
            return "";
        }
    }

    /** 13010 → 13.1 and 91900 → 9.19, by the values of their first two parts. */
    private static String dotted(long version, long major, long minor) {
        return version / major + "." + version % major / minor;
    }

    private static String text(BytePointer text) {
        return text.getString();
    }
}
