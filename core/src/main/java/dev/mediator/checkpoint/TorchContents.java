package dev.mediator.checkpoint;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was found in a PyTorch file, checked against its size.
 *
 * @param format how it is stored
 * @param root the object that was saved
 * @param storages where each storage lies in the file, by key
 */
record TorchContents(TensorFormat format, @Nullable Object root, Map<String, FileRange> storages) {
    /** What the pickles of a file may have, and what their objects may take: enough for about 40,000 tensors. */
    static final int MAX_PICKLE_BYTES = 16 << 20;

    static final int MAX_OBJECT_BYTES = 64 << 20;
}
