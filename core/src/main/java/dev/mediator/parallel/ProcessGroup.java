package dev.mediator.parallel;

import dev.mediator.tensor.ComputeDevice;
import org.bytedeco.pytorch.Tensor;

/**
 * The processes that train one network together, as one of them sees them. All call the same methods in the same order; each
 * call waits for the others. A process that dies ends the waiting of all others at once; a machine that is lost without a word is
 * noticed when TCP gives up on it, after minutes; a process that is merely slow is waited for.
 *
 * <p>Made by {@link MeetingPoint#gather} in process 0 and by {@link MeetingPoint#join} in the others. For one thread,
 * since all processes must call in the same order; closing it from another one waits for the call in progress.
 */
public interface ProcessGroup extends AutoCloseable {
    /** The one process that there is: sums and broadcasts leave everything as it is. */
    static ProcessGroup single(ComputeDevice device) {
        return new GuardedGroup(new SingleProcess(device));
    }

    /** Which process this is, of how many. */
    Member member();

    /** Where this process computes. */
    ComputeDevice device();

    /**
     * Adds a tensor up over all processes, in place; all then hold the same bits.
     *
     * @param tensor contiguous, the same shape everywhere; fp32 on the host, or on this process's card
     * @throws LostProcessException if a process has gone; the tensor then holds anything
     */
    void sum(Tensor tensor) throws LostProcessException;

    /**
     * Overwrites a tensor with that of process 0.
     *
     * @param tensor contiguous, the same shape and type everywhere, on the host or on this process's card
     * @throws LostProcessException if a process has gone; the tensor then holds anything
     */
    void broadcast(Tensor tensor) throws LostProcessException;

    /**
     * A few numbers added up over all processes, in the order of their ranks.
     *
     * @throws LostProcessException if a process has gone
     */
    double[] sum(double... values) throws LostProcessException;

    /**
     * The text of process 0, in every process; what others pass does not matter.
     *
     * @throws LostProcessException if process 0 has gone
     */
    String fromFirst(String text) throws LostProcessException;

    /**
     * The number of process 0, bit for bit, in every process.
     *
     * @throws LostProcessException if process 0 has gone
     */
    default double fromFirst(double value) throws LostProcessException {
        return Double.parseDouble(fromFirst(Double.toString(value)));
    }

    /**
     * Leaves; others that wait for this process learn at once that it has gone. Later calls are refused with an {@link
     * IllegalStateException}.
     */
    @Override
    void close();
}
