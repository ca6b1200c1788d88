package dev.mediator.checkpoint;

import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * An open file of named tensors, in any of the formats. Tensors are views of the mapped file (copy on write, nothing is
 * read before it is used), so a file of any size opens at once. Close it when no new tensor is needed; tensors taken
 * before stay valid. Any thread may use it; after it is closed, taking a tensor is refused with an {@link IllegalStateException}
 * that names the file.
 */
public interface TensorFile extends AutoCloseable {
    /**
     * Opens a file of any known format, which is recognised by its content.
     *
     * @throws IOException if the file is missing, truncated, malicious or of another kind; the message names file and
     *     reason
     */
    static TensorFile open(Path file) throws IOException {
        return TensorFormat.recognise(file).open(file);
    }

    /** The file this was opened from. */
    Path file();

    /** How it stores its tensors. */
    TensorFormat format();

    /** Size on disk, of all its parts. */
    long bytes();

    /** What the file says besides its tensors, such as config and provenance. */
    Map<String, String> metadata();

    /**
     * What this program wrote beside the tensors, by the same names in every format; in files of others whatever has its
     * place.
     */
    default Map<String, String> description() {
        return metadata();
    }

    /** The tensors in file order. */
    Collection<TensorEntry> entries();

    /**
     * Tensors of kinds that are not read, such as sparse ones: by name what they are, after “it has”, and what to do about it. They
     * are not among {@link #entries}.
     */
    default Map<String, String> refused() {
        return Map.of();
    }

    /** True if the file holds this tensor. */
    boolean contains(String name);

    /**
     * A tensor of the file, as a view of the mapped memory where that is possible.
     *
     * @throws IllegalArgumentException if there is no such tensor
     */
    Tensor get(String name);

    /** All tensors by name, in file order. */
    default Map<String, Tensor> all() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        entries().forEach(entry -> tensors.put(entry.name(), get(entry.name())));
        return tensors;
    }

    /** SHA-256 of a tensor's row-major little-endian bytes, in hexadecimal. */
    default String sha256(String name) {
        try (Scope scope = Scope.open()) {
            return TensorBytes.sha256(get(name));
        }
    }

    /** Files up to this size are verified whenever their tensors are loaded. */
    long ALWAYS_VERIFIED_BYTES = 1L << 30;

    /** True if the file carries checksums of all its content. Files that this program writes do. */
    default boolean hasChecksums() {
        return withoutChecksums().isEmpty();
    }

    /** True if the file carries checksums of some of its content: of an index, one of its files may have some. */
    default boolean hasSomeChecksums() {
        return hasChecksums();
    }

    /** The file if it carries no checksums of its content; of an index also those of its files that carry none. */
    List<Path> withoutChecksums();

    /**
     * Reads whatever the file has checksums of, and holds it against them.
     *
     * @throws IOException if it is damaged; the message names the tensor
     */
    void verifyChecksums() throws IOException;

    /**
     * Reads the whole file and holds it against its checksums; without those, checks that all numbers are finite.
     *
     * @throws IOException if it is damaged; the message names the tensor
     */
    default void verify() throws IOException {
        verifyChecksums();
        for (TensorEntry entry : entries()) {
            try (Scope scope = Scope.open()) {
                FiniteNumbers.require(entry.name(), get(entry.name()));
            } catch (IllegalArgumentException e) {
                throw new IOException(file() + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * Holds the file against the checksums that it has unless it is large, which costs a fraction of what loading does.
     *
     * @return this file
     * @throws IOException if it is damaged
     */
    default TensorFile verified() throws IOException {
        if (bytes() <= ALWAYS_VERIFIED_BYTES) {
            verifyChecksums();
        }
        return this;
    }

    /** True if the file has a set of tensors of this name: here, whose names begin with it and a dot. */
    default boolean hasGroup(String name) {
        return entries().stream().anyMatch(entry -> entry.name().startsWith(name + "."));
    }

    /**
     * The weights of the network: of a training's checkpoint the wanted ones, of any other file the ones there are. The
     * names are without {@code ema.}, {@code model.} or {@code state_dict.}; other prefixes, such as {@code module.},
     * stay.
     *
     * @return a part of this file, or this file; closing it closes this file
     * @throws IOException if the file has the other weights only
     */
    default TensorFile weights(Weights wanted) throws IOException {
        if (hasGroup(wanted.group())) {
            return part(wanted.prefix());
        }
        for (Weights other : Weights.values()) {
            if (hasGroup(other.group())) {
                throw new IOException(
                        file() + " has no '" + wanted.group() + "' weights, only '" + other.group() + "'");
            }
        }
        return hasGroup("state_dict") ? part("state_dict.") : this;
    }

    /**
     * The tensors whose names begin with a prefix, without it.
     *
     * @return a part of this file; closing it closes this file
     */
    default TensorFile part(String prefix) {
        return TensorGroup.of(this, prefix);
    }

    /**
     * Some of the tensors under other names.
     *
     * @param names name there → name here
     * @return a part of this file; closing it closes this file
     */
    default TensorFile select(Map<String, String> names) {
        return new TensorGroup(this, names);
    }

    @Override
    void close();
}
