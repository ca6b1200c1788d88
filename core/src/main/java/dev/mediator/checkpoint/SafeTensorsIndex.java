package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Quoted;
import dev.mediator.file.FileNames;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * An open {@code *.index.json}: the tensors of several safetensors files beside it as if they were one. The index says
 * which tensors there are, and in which file each is; what else the files hold is left alone.
 *
 * <p>Any thread may use it, as {@link TensorFile} says.
 */
public final class SafeTensorsIndex implements TensorFile {
    private final Path file;
    private final boolean isSealed;
    private final Map<String, String> metadata; // without the checksums
    private final @Nullable String checksums; // of the files
    private final Map<String, SafeTensors> shards; // by file name
    private final Map<String, SafeTensors> shardOf = new LinkedHashMap<>(); // by tensor name
    private final Map<String, TensorEntry> entries = new LinkedHashMap<>();

    private SafeTensorsIndex(Path file, IndexJson json, Map<String, SafeTensors> shards) throws IOException {
        this.file = file;
        this.isSealed = json.isSealed();
        this.metadata = json.metadata();
        this.checksums = Checksums.takeFrom(metadata);
        this.shards = shards;
        for (Map.Entry<String, String> place : json.shardOf().entrySet()) {
            String name = place.getKey();
            SafeTensors shard = Objects.requireNonNull(shards.get(place.getValue()));
            TensorEntry entry = shard.entry(name);
            if (entry == null) {
                throw IndexJson.malformed(
                        file, "tensor '" + Quoted.of(name) + "' is not in " + Quoted.of(place.getValue()));
            }
            entries.put(name, entry);
            shardOf.put(name, shard);
        }
    }

    /**
     * Opens an index and all its files.
     *
     * @throws IOException if one of them is missing or unusable, or a tensor is not where the index says
     */
    public static SafeTensorsIndex open(Path file) throws IOException {
        FileNames.require(file);
        IndexJson json;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            json = IndexJson.read(file, new FileBytes(channel));
        }
        Map<String, SafeTensors> shards = new LinkedHashMap<>();
        try {
            for (String shard : json.shardOf().values()) {
                if (!shards.containsKey(shard)) {
                    shards.put(shard, SafeTensors.open(file.resolveSibling(shard)));
                }
            }
            return new SafeTensorsIndex(file, json, shards);
        } catch (IOException e) {
            shards.values().forEach(SafeTensors::close);
            throw e;
        }
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public TensorFormat format() {
        return TensorFormat.SAFETENSORS_INDEX;
    }

    @Override
    public long bytes() {
        return file.toFile().length()
                + shards.values().stream().mapToLong(SafeTensors::bytes).sum();
    }

    /** The metadata of the index; those of the files are theirs. */
    @Override
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    @Override
    public Collection<TensorEntry> entries() {
        return Collections.unmodifiableCollection(entries.values());
    }

    @Override
    public List<Path> withoutChecksums() {
        List<Path> without = new ArrayList<>();
        if (!isSealed || checksums == null) {
            without.add(file);
        }
        shards.values().forEach(shard -> without.addAll(shard.withoutChecksums()));
        return without;
    }

    @Override
    public boolean hasSomeChecksums() {
        return shards.values().stream().anyMatch(SafeTensors::hasChecksums);
    }

    @Override
    public void verifyChecksums() throws IOException {
        requireParts();
        for (SafeTensors shard : shards.values()) {
            shard.verifyChecksums();
        }
    }

    @Override
    public void verify() throws IOException {
        requireParts();
        for (SafeTensors shard : shards.values()) {
            shard.verify();
        }
    }

    /** That its files belong together costs nothing to see, however large they are. */
    @Override
    public TensorFile verified() throws IOException {
        requireParts();
        return TensorFile.super.verified();
    }

    private void requireParts() throws IOException {
        if (checksums != null) {
            Checksums.verifyParts(file, checksums, shards.values());
        }
    }

    @Override
    public boolean contains(String name) {
        return entries.containsKey(name);
    }

    @Override
    public Tensor get(String name) {
        SafeTensors shard = shardOf.get(name);
        if (shard == null) {
            throw new IllegalArgumentException(file + " has no tensor '" + name + "'");
        }
        return shard.get(name);
    }

    @Override
    public void close() {
        shards.values().forEach(SafeTensors::close);
    }
}
