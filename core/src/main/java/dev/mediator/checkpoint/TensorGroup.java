package dev.mediator.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/** Some tensors of a file, under other names. */
final class TensorGroup implements TensorFile {
    private final TensorFile whole;
    private final Map<String, String> names;
    private final Map<String, TensorEntry> entries = new LinkedHashMap<>();

    /** @param names name here → name in the file */
    TensorGroup(TensorFile whole, Map<String, String> names) {
        this.whole = whole;
        this.names = names;
        Map<String, TensorEntry> all = new LinkedHashMap<>();
        whole.entries().forEach(entry -> all.put(entry.name(), entry));
        names.forEach((name, original) -> {
            TensorEntry entry = Objects.requireNonNull(all.get(original), original);
            entries.put(name, new TensorEntry(name, entry.dtype(), entry.shape()));
        });
    }

    /** The tensors whose names have a prefix, without that prefix. */
    static TensorGroup of(TensorFile whole, String prefix) {
        Map<String, String> names = new LinkedHashMap<>();
        for (TensorEntry entry : whole.entries()) {
            if (entry.name().startsWith(prefix)) {
                names.put(entry.name().substring(prefix.length()), entry.name());
            }
        }
        return new TensorGroup(whole, names);
    }

    @Override
    public Path file() {
        return whole.file();
    }

    @Override
    public TensorFormat format() {
        return whole.format();
    }

    @Override
    public long bytes() {
        return whole.bytes();
    }

    @Override
    public Map<String, String> metadata() {
        return whole.metadata();
    }

    @Override
    public Map<String, String> description() {
        return whole.description();
    }

    @Override
    public Collection<TensorEntry> entries() {
        return entries.values();
    }

    @Override
    public List<Path> withoutChecksums() {
        return whole.withoutChecksums();
    }

    @Override
    public boolean hasSomeChecksums() {
        return whole.hasSomeChecksums();
    }

    @Override
    public void verifyChecksums() throws IOException {
        whole.verifyChecksums();
    }

    @Override
    public void verify() throws IOException {
        whole.verify();
    }

    @Override
    public TensorFile verified() throws IOException {
        whole.verified();
        return this;
    }

    @Override
    public boolean contains(String name) {
        return entries.containsKey(name);
    }

    @Override
    public Tensor get(String name) {
        String original = names.get(name);
        if (original == null) {
            throw new IllegalArgumentException(file() + " has no tensor '" + name + "'");
        }
        return whole.get(original);
    }

    @Override
    public void close() {
        whole.close();
    }
}
