package dev.mediator.checkpoint;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** The tensors of a file whose names have a prefix, without that prefix. */
final class TensorGroup implements TensorFile {
    private final TensorFile whole;
    private final String prefix;
    private final Map<String, TensorEntry> entries = new LinkedHashMap<>();

    TensorGroup(TensorFile whole, String prefix) {
        this.whole = whole;
        this.prefix = prefix;
        for (TensorEntry entry : whole.entries()) {
            if (entry.name().startsWith(prefix)) {
                String name = entry.name().substring(prefix.length());
                entries.put(name, new TensorEntry(name, entry.dtype(), entry.shape()));
            }
        }
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
    public boolean contains(String name) {
        return entries.containsKey(name);
    }

    @Override
    public Tensor get(String name) {
        return whole.get(prefix + name);
    }

    @Override
    public void close() {
        whole.close();
    }
}
