package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.PickleBudget;
import dev.mediator.checkpoint.pickle.PickleException;
import dev.mediator.checkpoint.pickle.PickleReader;
import dev.mediator.checkpoint.pickle.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The format of PyTorch 1.6 and later: a zip archive with one folder that holds {@code data.pkl}, the pickle of the
 * object, and {@code data/KEY} for each storage, not compressed. PyTorch 1.4, on demand, called it {@code tensors/KEY}.
 */
final class TorchZip {
    private static final String PICKLE = "/data.pkl";

    private TorchZip() {}

    static TorchContents read(FileBytes file) throws IOException {
        Map<String, ZipEntry> entries = ZipDirectory.read(file);
        ForeignArchive.requireOther(entries.keySet());
        String folder = folder(entries);
        requireLittleEndian(file, folder, entries);
        ZipEntry pickle = require(entries, folder + PICKLE);
        if (pickle.bytes() > TorchContents.MAX_PICKLE_BYTES) {
            throw new PickleException("its " + Quoted.of(pickle.name()) + " claims " + pickle.bytes()
                    + " bytes, allowed are " + TorchContents.MAX_PICKLE_BYTES);
        }
        PickleBudget budget = new PickleBudget(TorchContents.MAX_OBJECT_BYTES);
        TorchVocabulary vocabulary = new TorchVocabulary(budget);
        Object root;
        try (InputStream stream = pickle.stream(file)) {
            root = new PickleReader(stream, pickle.bytes(), vocabulary, budget).next();
        }
        pickle.requireSound(file);
        Map<String, FileRange> ranges = new LinkedHashMap<>();
        List<ZipEntry> sums = new ArrayList<>();
        for (TorchStorage storage : vocabulary.storages().values()) {
            if (storage.type().isRefused()) {
                continue;
            }
            ZipEntry data = entries.get(folder + "/tensors/" + storage.key());
            if (data == null) {
                data = require(entries, folder + "/data/" + storage.key());
            }
            if (data.deflated()) {
                throw new PickleException("storage " + Quoted.of(data.name())
                        + " is compressed; PyTorch stores it as it is, and so it is mapped");
            }
            if (data.bytes() != storage.totalBytes()) {
                throw new PickleException("storage " + Quoted.of(data.name()) + " has " + data.bytes()
                        + " bytes, its description says " + storage.totalBytes());
            }
            ranges.put(storage.key(), data.data());
            sums.add(data);
        }
        return new TorchContents(TensorFormat.TORCH_ZIP, root, ranges, sums);
    }

    /** The one folder whose pickle this is; PyTorch names it after the file it saved to. */
    private static String folder(Map<String, ZipEntry> entries) throws PickleException {
        List<String> folders = entries.keySet().stream()
                .filter(name -> name.endsWith(PICKLE))
                .map(name -> name.substring(0, name.length() - PICKLE.length()))
                .filter(name -> name.indexOf('/') < 0)
                .toList();
        if (folders.size() != 1) {
            throw new PickleException("it is a zip archive with " + (folders.isEmpty() ? "no" : "more than one")
                    + " data.pkl in a folder");
        }
        return folders.get(0);
    }

    /** Numbers of another byte order would be read wrongly. */
    private static void requireLittleEndian(FileBytes file, String folder, Map<String, ZipEntry> entries)
            throws IOException {
        ZipEntry byteOrder = entries.get(folder + "/byteorder");
        if (byteOrder != null) {
            String order = new String(byteOrder.read(file, 16), StandardCharsets.ISO_8859_1).strip();
            if (!order.equals("little")) {
                throw new PickleException("its numbers are " + Quoted.of(order) + "-endian, only little is read");
            }
        }
    }

    private static ZipEntry require(Map<String, ZipEntry> entries, String name) throws PickleException {
        ZipEntry entry = entries.get(name);
        if (entry == null) {
            throw new PickleException("it has no entry " + Quoted.of(name));
        }
        return entry;
    }
}
