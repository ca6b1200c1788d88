package dev.mediator.tensor;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * Records what a computation asks of a device, so that it can be asked for again as a whole. A recording is bound to memory:
 * each replay reads the tensors that the computation read, with the values that are in them by then, and leaves its result
 * where the result was.
 *
 * <p>Owns nothing of its recordings; they are closed before it is. For one thread at a time.
 */
public interface Recorder extends AutoCloseable {
    /**
     * Records a computation, running it once or more to that end.
     *
     * @param computation always does the same: it reads tensors that the caller keeps until the recording is closed and does not
     *     write to them, looks at no value, copies nothing to or from the host, and its one result is the tensor it returns
     * @throws CudaException if it cannot be recorded
     */
    Recording record(Supplier<Tensor> computation);

    @Override
    void close();

    /** A computation that can be done again. */
    interface Recording extends AutoCloseable {
        /**
         * Does it again, behind all that the device was asked for before.
         *
         * @return the result, which the next replay of this or another recording of the same recorder may overwrite
         * @throws CudaException if the device refuses
         */
        Tensor replay();

        @Override
        void close();
    }
}
