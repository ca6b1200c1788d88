package dev.mediator.tensor;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * Where tensors are and operations on them compute: the host, or a card.
 *
 * <p>A network is on one device, that of its parameters. What is given to it may be elsewhere: it takes copies, and answers
 * where it was asked. Random numbers are always drawn on the host, so that a seed means the same image on every device.
 *
 * @param kind which sort of device
 * @param index which card, from 0; 0 for the others
 */
public record ComputeDevice(Kind kind, int index) {
    /** Sorts of devices. */
    public enum Kind {
        CPU(DeviceType.CPU),
        CUDA(DeviceType.CUDA),
        META(DeviceType.Meta);

        private final DeviceType type;

        Kind(DeviceType type) {
            this.type = type;
        }
    }

    /** The host. */
    public static final ComputeDevice CPU = new ComputeDevice(Kind.CPU, 0);

    /**
     * Tensors with sizes and without values. Operations that mix it with another device fail, as on a card, which shows without
     * one whether a computation leaves tensors behind on the host or reads back from the card.
     */
    public static final ComputeDevice META = new ComputeDevice(Kind.META, 0);

    private static final Pattern CARD = Pattern.compile("cuda(?::(\\d{1,2}))?");

    /** A card. */
    public static ComputeDevice cuda(int index) {
        return new ComputeDevice(Kind.CUDA, index);
    }

    /** Where a tensor is. */
    public static ComputeDevice of(Tensor tensor) {
        if (tensor.is_cpu()) {
            return CPU;
        }
        return tensor.is_cuda() ? cuda(tensor.device().index()) : META;
    }

    /**
     * Reads {@code cpu}, {@code auto} (the first card if it can be used, else the CPU), {@code cuda} and {@code cuda:1}.
     *
     * @throws IllegalArgumentException if it says something else, or a card that cannot be used; the message tells why not
     */
    public static ComputeDevice parse(String text) {
        return text.equals("cpu") ? CPU : parse(text, CudaState.find());
    }

    /** The same with a given state of the machine. */
    static ComputeDevice parse(String text, CudaState cuda) {
        Matcher card = CARD.matcher(text);
        if (text.equals("cpu")) {
            return CPU;
        } else if (text.equals("auto")) {
            return cuda.best();
        } else if (!card.matches()) {
            throw new IllegalArgumentException(
                    "device is '" + text + "', allowed are cpu, auto, cuda and a certain card such as cuda:1");
        }
        int index = card.group(1) == null ? 0 : Integer.parseInt(card.group(1));
        cuda.problem(index).ifPresent(problem -> {
            throw new IllegalArgumentException("device is '" + text + "', but " + problem);
        });
        return cuda(index);
    }

    /** True if tensors here can be read without waiting for anything. */
    public boolean isHost() {
        return kind == Kind.CPU;
    }

    /** True if bf16 matrices are multiplied in hardware: by all cards that CUDA 13's natives are built for but the oldest. */
    public boolean hasFastBf16() {
        return !isHost() || Engine.hasFastBf16();
    }

    /** Waits until a card has computed all that it was asked for; the host has done so already. */
    public void await() {
        if (kind == Kind.CUDA) {
            torch.cuda_synchronize(index);
        }
    }

    /** Starts to count {@link #peakMemory} anew, from what tensors hold now. Something must have been put here before. */
    public void resetPeakMemory() {
        if (kind == Kind.CUDA) {
            torch.resetPeakStats((byte) index);
        }
    }

    /**
     * Bytes that tensors on a card have held at most, without what libtorch keeps for later ones; empty for others, and where
     * JavaCPP's presets of CUDA, which the question takes, do not load.
     */
    public OptionalLong peakMemory() {
        if (kind != Kind.CUDA) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(
                    torch.getDeviceStats((byte) index).allocated_bytes().peak());
        } catch (LinkageError | TypeNotPresentException e) {
            return OptionalLong.empty();
        }
    }

    /** libtorch's name of this device. */
    public Device torchDevice() {
        NativeLibraries.load();
        return new Device(kind.type, (byte) (kind == Kind.CUDA ? index : -1));
    }

    /**
     * The same values here; the same tensor if it is here already. From the host to a card the copy is queued behind what the
     * card computes: nobody waits. A copy to the host waits until its values are there.
     */
    public Tensor put(Tensor tensor) {
        if (of(tensor).equals(this)) {
            return tensor;
        }
        boolean queued = kind == Kind.CUDA && tensor.is_cpu();
        return Scope.keepResult(() -> {
            Tensor source = queued && !tensor.requires_grad() ? tensor.pin_memory() : tensor;
            return source.to(torchDevice(), DType.of(tensor).scalarType(), queued, false, new MemoryFormatOptional());
        });
    }

    /** What {@link #parse} reads. */
    @Override
    public String toString() {
        String name = kind.name().toLowerCase(Locale.ROOT);
        return kind == Kind.CUDA ? name + ":" + index : name;
    }
}
