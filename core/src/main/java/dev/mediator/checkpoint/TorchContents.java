package dev.mediator.checkpoint;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was found in a PyTorch file, checked against its size.
 *
 * @param format how it is stored
 * @param root the object that was saved
 * @param storages where each storage lies in the file, by key
 * @param entries the same as entries of an archive, which have checksums; empty in other formats
 */
record TorchContents(
        TensorFormat format, @Nullable Object root, Map<String, FileRange> storages, List<ZipEntry> entries) {
    /** What the pickles of a file may have, and what their objects may take: enough for about 40,000 tensors. */
    static final int MAX_PICKLE_BYTES = 16 << 20;

    static final int MAX_OBJECT_BYTES = 64 << 20;
}
