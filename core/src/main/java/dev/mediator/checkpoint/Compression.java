package dev.mediator.checkpoint;

import java.util.zip.ZipEntry;

/** How the arrays of a .npz file are kept. */
public enum Compression {
    /** As they are, like {@code numpy.savez}: fast. */
    STORED(ZipEntry.STORED),
    /** Deflated, like {@code numpy.savez_compressed}: smaller, for what compresses at all. */
    DEFLATED(ZipEntry.DEFLATED);

    private final int method;

    Compression(int method) {
        this.method = method;
    }

    /** The number of this method in a zip archive. */
    int method() {
        return method;
    }
}
