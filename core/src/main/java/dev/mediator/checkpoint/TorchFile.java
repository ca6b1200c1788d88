package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.PickleException;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipException;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * An open file that {@code torch.save} wrote. Nothing in it is ever executed: see {@link
 * dev.mediator.checkpoint.pickle}.
 *
 * <p>Its tensors are named by the path to them, such as {@code ema.blocks.0.attn.qkv.weight} or {@code
 * opt.state.0.exp_avg}. Tensors that share memory in the file share it here.
 *
 * <p>Any thread may use it, as {@link TensorFile} says.
 */
public final class TorchFile implements TensorFile {
    /** Tensors may show an element more than once (expanded and overlapping views), but not without end. */
    private static final long MOST_REPETITIONS = 16;

    private static final long FREE_BYTES = 64 << 20;
    private static final String WAY_OUT =
            "; in Python, the weights alone: torch.save(model.state_dict(), \"weights.pt\")";

    private final Path file;
    private final long bytes;
    private final TorchContents contents;
    private final TorchTree tree;
    private final List<TensorEntry> entries = new ArrayList<>();
    private final MappedFile mapping;
    private final Map<String, Tensor> copies = new HashMap<>();

    private TorchFile(Path file, long bytes, TorchContents contents, TorchTree tree) {
        this.file = file;
        this.bytes = bytes;
        this.contents = contents;
        this.tree = tree;
        tree.tensors()
                .forEach((name, tensor) -> entries.add(new TensorEntry(
                        name,
                        tensor.dtype(),
                        Arrays.stream(tensor.sizes()).boxed().toList())));
        this.mapping = MappedFile.open(file, bytes);
    }

    /**
     * Opens a file and reads everything but the tensors' numbers.
     *
     * @throws IOException if the file is missing, truncated, malicious or not PyTorch's; the message names file and
     *     reason
     */
    public static TorchFile open(Path file) throws IOException {
        TensorFormat format = TensorFormat.recognise(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            FileBytes bytes = new FileBytes(channel);
            TorchContents contents =
                    switch (format) {
                        case TORCH_ZIP -> TorchZip.read(bytes);
                        case TORCH_LEGACY -> TorchLegacy.read(bytes);
                        default -> throw new PickleException("it is a " + format + " file");
                    };
            TorchTree tree = TorchTree.of(contents.root());
            requireClaims(tree.tensors().values(), bytes.size());
            if (tree.tensors().isEmpty() && !tree.refused().isEmpty()) {
                throw new PickleException(
                        "it has " + tree.refused().values().iterator().next().reason());
            }
            return new TorchFile(file, bytes.size(), contents, tree);
        } catch (PickleException e) {
            throw new IOException(
                    file + " is not a usable PyTorch file: " + withWayOut(String.valueOf(e.getMessage())), e);
        } catch (ZipException | EOFException e) {
            throw new IOException(file + " is not a usable PyTorch file: " + e.getMessage(), e);
        }
    }

    /** Advises to save the weights alone from Python. A file that would run code gets no such advice: it should not be loaded. */
    private static String withWayOut(String reason) {
        boolean isTold = reason.contains("in Python")
                || reason.contains("nothing of it was run")
                || reason.contains("truncated");
        return isTold ? reason : reason + WAY_OUT;
    }

    private static void requireClaims(Collection<TorchTensor> tensors, long fileBytes) throws PickleException {
        double claimed = tensors.stream().mapToDouble(TorchTensor::bytes).sum();
        if (claimed > (double) MOST_REPETITIONS * fileBytes + FREE_BYTES) {
            throw new PickleException(
                    String.format(Locale.ROOT, "its tensors claim %.0f bytes, the file has %d", claimed, fileBytes));
        }
    }

    /**
     * The object that was saved: maps, lists, {@link TorchTensor}s and the other values of {@link
     * dev.mediator.checkpoint.pickle}. It may contain itself.
     */
    public @Nullable Object root() {
        return contents.root();
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public TensorFormat format() {
        return contents.format();
    }

    @Override
    public long bytes() {
        return bytes;
    }

    /** What is in the file besides its tensors, by the path to it: settings, counters, lists of numbers. */
    @Override
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(tree.values());
    }

    /** The strings under the key {@code mediator}, where {@link TorchWriter} puts them. */
    @Override
    public Map<String, String> description() {
        Map<String, String> description = new LinkedHashMap<>();
        if (root() instanceof Map<?, ?> map && map.get(TorchWriter.DESCRIPTION) instanceof Map<?, ?> ours) {
            ours.forEach((name, value) -> {
                if (name instanceof String key && value instanceof String text) {
                    description.put(key, text);
                }
            });
        }
        return description;
    }

    @Override
    public Collection<TensorEntry> entries() {
        return Collections.unmodifiableCollection(entries);
    }

    /** An archive has them if all its entries that hold tensors do. */
    @Override
    public List<Path> withoutChecksums() {
        boolean hasAll =
                !contents.entries().isEmpty() && contents.entries().stream().allMatch(ZipEntry::hasCrc);
        return hasAll ? List.of() : List.of(file);
    }

    @Override
    public void verifyChecksums() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            FileBytes stored = new FileBytes(channel);
            for (ZipEntry entry : contents.entries()) {
                entry.requireSound(stored);
            }
        } catch (ZipException e) {
            throw new IOException(file + " is not a usable PyTorch file: " + e.getMessage(), e);
        }
    }

    /** Tensors of kinds that are not read, which {@link #metadata} lists. */
    @Override
    public Map<String, String> refused() {
        Map<String, String> reasons = new LinkedHashMap<>();
        tree.refused().forEach((name, tensor) -> reasons.put(name, tensor.reason()));
        return reasons;
    }

    @Override
    public boolean contains(String name) {
        return tree.tensors().containsKey(name) || tree.refused().containsKey(name);
    }

    @Override
    public Tensor get(String name) {
        TorchTensor tensor = tree.tensors().get(name);
        RefusedTensor refused = tree.refused().get(name);
        if (refused != null) {
            throw new IllegalArgumentException(
                    file + ": tensor '" + name + "' cannot be read: it has " + refused.reason());
        } else if (tensor == null) {
            throw new IllegalArgumentException(file + " has no tensor '" + name + "'");
        }
        return tensor(tensor);
    }

    /**
     * A tensor of {@link #root}, with its strides, as a view of the mapped file. Where the file has the numbers at an
     * address that is no multiple of their size, as legacy files do, it is a view of a copy of its storage.
     */
    public Tensor tensor(TorchTensor tensor) {
        if (tensor.numel() == 0) {
            return Tensors.empty(tensor.dtype(), tensor.sizes());
        }
        TorchStorage storage = tensor.storage();
        try (Scope scope = Scope.open()) {
            Tensor row = row(storage, tensor.dtype());
            long part = storage.first()
                    * storage.type().dtype().bytes()
                    / tensor.dtype().bytes();
            long first = row.storage_offset() + part + tensor.offset();
            return scope.keep(row.as_strided(tensor.sizes(), tensor.strides(), new LongOptional(first)));
        }
    }

    /** All of a storage. Copies are kept, so that tensors which share one in the file share it here. */
    private Tensor row(TorchStorage storage, DType dtype) {
        FileRange range = contents.storages().get(storage.key());
        if (range == null) {
            throw new IllegalArgumentException(file + " has no storage '" + storage.key() + "'");
        }
        if (MappedFile.isAligned(range, dtype)) {
            return mapping.row(range, dtype);
        }
        return copies.computeIfAbsent(storage.key() + " " + dtype, key -> {
            try (Scope scope = Scope.open()) {
                return scope.release(mapping.row(range, dtype));
            }
        });
    }

    /** A group is a dictionary at the top, such as {@code ema}; a name that begins so is not enough. */
    @Override
    public boolean hasGroup(String name) {
        return root() instanceof Map<?, ?> map && map.get(name) instanceof Map<?, ?> && TensorFile.super.hasGroup(name);
    }

    @Override
    public TensorFile weights(Weights wanted) throws IOException {
        TensorFile weights = TensorFile.super.weights(wanted);
        boolean isBare = root() instanceof Map<?, ?> map
                && map.keySet().containsAll(tree.tensors().keySet());
        if (weights == this && !isBare) {
            throw new IOException(file + " has neither 'ema', 'model' nor 'state_dict', and is no dict of tensors");
        }
        return weights;
    }

    @Override
    public void close() {
        mapping.close();
        copies.values().forEach(Tensor::close);
    }
}
