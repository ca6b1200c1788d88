package dev.mediator.checkpoint;

/**
 * Bytes of a file.
 *
 * @param begin offset of the first
 * @param end offset after the last
 */
record FileRange(long begin, long end) {
    long bytes() {
        return end - begin;
    }
}
