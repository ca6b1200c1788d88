package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.PickleBudget;
import dev.mediator.checkpoint.pickle.PickleException;
import dev.mediator.checkpoint.pickle.PickleReader;
import dev.mediator.checkpoint.pickle.Quoted;
import java.io.IOException;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The format of PyTorch 0.2 to 1.5, which later ones write on demand: the pickles of a magic number, a version, facts
 * about the machine, the object, and a list of storage keys; then for each key the count of elements, 8 bytes, and the
 * elements.
 */
final class TorchLegacy {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long PROTOCOL = 1001;

    private TorchLegacy() {}

    static TorchContents read(FileBytes file) throws IOException {
        PickleBudget budget = new PickleBudget(TorchContents.MAX_OBJECT_BYTES);
        TorchVocabulary vocabulary = new TorchVocabulary(budget);
        FileRange pickles = new FileRange(0, Math.min(file.size(), TorchContents.MAX_PICKLE_BYTES));
        PickleReader reader = new PickleReader(file.stream(pickles), pickles.end(), vocabulary, budget);
        if (!MAGIC.equals(reader.next())) {
            throw new PickleException("it is a pickle, but not one of PyTorch; in Python:"
                    + " torch.save(pickle.load(open(FILE, \"rb\")), \"weights.pt\")");
        }
        if (!Long.valueOf(PROTOCOL).equals(reader.next())) {
            throw new PickleException("it has another version than " + PROTOCOL);
        }
        requireLittleEndian(reader.next());
        Object root = reader.next();
        Object keys = reader.next();
        return new TorchContents(
                TensorFormat.TORCH_LEGACY,
                root,
                locate(file, reader.position(), keys, vocabulary.storages()),
                List.of());
    }

    private static void requireLittleEndian(@Nullable Object machine) throws PickleException {
        if (!(machine instanceof Map<?, ?> facts) || !Boolean.TRUE.equals(facts.get("little_endian"))) {
            throw new PickleException("its numbers are not little-endian");
        }
    }

    private static Map<String, FileRange> locate(
            FileBytes file, long begin, @Nullable Object keys, Map<String, TorchStorage> storages) throws IOException {
        if (!(keys instanceof List<?> list) || list.size() != storages.size()) {
            throw new PickleException("its list of storages does not fit its object");
        }
        Map<String, FileRange> ranges = new LinkedHashMap<>();
        long at = begin;
        for (Object key : list) {
            TorchStorage storage = key instanceof String ? storages.get(key) : null;
            if (storage == null) {
                throw new PickleException("its list of storages names one that its object does not have");
            }
            if (storage.type().bytes() == 0) { // then nothing tells where the next one begins
                throw new PickleException("it has " + storage.type().refusal());
            }
            if (file.size() - at < Long.BYTES) {
                throw truncated(storage);
            }
            long count = file.read(at, Long.BYTES).getLong();
            if (count != storage.total()) {
                throw new PickleException("storage " + Quoted.of(storage.key()) + " has " + count
                        + " elements, its description says " + storage.total());
            }
            at += Long.BYTES;
            if (storage.totalBytes() > file.size() - at) {
                throw truncated(storage);
            }
            FileRange range = new FileRange(at, at + storage.totalBytes());
            if (ranges.put(storage.key(), range) != null) {
                throw new PickleException("its list of storages names " + Quoted.of(storage.key()) + " twice");
            }
            at = range.end();
        }
        return ranges;
    }

    private static PickleException truncated(TorchStorage storage) {
        return new PickleException("it ends before the " + storage.totalBytes() + " bytes of storage "
                + Quoted.of(storage.key()) + " (truncated?)");
    }
}
