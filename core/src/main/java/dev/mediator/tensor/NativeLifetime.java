package dev.mediator.tensor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.PointerConsumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Tells Java when libtorch lets go of something: a tensor whose memory is ours, with a callback at its end. */
final class NativeLifetime {
    /** What to run at the end of each sentinel, by the address of its memory. */
    private static final Map<Long, Runnable> ENDINGS = new ConcurrentHashMap<>();

    /** The one callback of all sentinels: libtorch is handed a plain function, of which there are few per class. */
    private static final PointerConsumer AT_END = callback();

    private NativeLifetime() {}

    /**
     * A tensor of one zero, in the type of another one and where that is. When nobody holds it any more, graphs of autograd included, {@code ending} runs once, on
     * whichever thread let go last.
     */
    static Tensor sentinel(Tensor like, Runnable ending) {
        try (Scope scope = Scope.open()) {
            // Where there are no values there is no address either, which is what endings are known by.
            Tensor memory = scope.release(
                    like.is_meta() ? Tensors.zeros(DType.of(like), 1) : torch.zeros(new long[] {1}, like.options()));
            Pointer address = memory.data_ptr();
            ENDINGS.put(address.address(), () -> {
                memory.close();
                ending.run();
            });
            return scope.keep(torch.from_blob(
                    address, new long[] {1}, AT_END, like.options(), new DeviceOptional(like.device())));
        }
    }

    /** Number of sentinels alive. */
    static int alive() {
        return ENDINGS.size();
    }

    private static PointerConsumer callback() {
        try (Scope scope = Scope.open()) {
            return scope.release(new PointerConsumer() {
                @Override
                public void call(Pointer memory) {
                    Runnable ending = ENDINGS.remove(memory.address());
                    if (ending != null) {
                        ending.run();
                    }
                }
            });
        }
    }
}
