package dev.mediator.process;

/** Something done over and over, whose memory must not grow. Implementations have a constructor without arguments. */
public interface LoopBody extends AutoCloseable {
    /** Does it once. */
    void step() throws Exception;

    @Override
    default void close() throws Exception {}
}
