package dev.mediator.model;

import dev.mediator.checkpoint.FiniteNumbers;
import dev.mediator.checkpoint.TensorFile;
import dev.mediator.nn.Init;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * A file's tensors, copied out of it one by one. Pages of a mapping that were read count as the program's memory until it
 * ends, so the file is mapped anew every now and then: who packs the tensors of a large file needs little more memory than
 * the packed ones take.
 */
final class CopiedParameters implements ParameterSource, AutoCloseable {
    private static final long BYTES_PER_MAPPING = 64L << 20;

    /** Opens the file, or the part of it that is a network. */
    @FunctionalInterface
    interface Opener {
        TensorFile open() throws IOException;
    }

    private final Opener opener;
    private final Placement placement;
    private final Set<String> used = new HashSet<>();
    private TensorFile file;
    private long bytes;

    /** @param placement where and in what the copies are */
    CopiedParameters(Opener opener, Placement placement) throws IOException {
        this.opener = opener;
        this.placement = placement;
        file = opener.open();
    }

    @Override
    public Tensor get(String name, Init init, long... shape) {
        return Scope.keepResult(() -> {
            Tensor mapped = mapped(name, shape);
            return placement.holds(mapped) ? mapped.clone() : placement.put(mapped);
        });
    }

    /** Not copied, if it is in the file as it is wanted: packing makes a copy. */
    @Override
    public Tensor linearWeight(String name, Init init, long out, long in) {
        return Scope.keepResult(() -> placement.put(mapped(name, out, in)).alias());
    }

    private Tensor mapped(String name, long... shape) {
        if (!file.contains(name)) {
            throw new IllegalArgumentException(
                    "the checkpoint lacks tensor '" + name + "' of shape " + Arrays.toString(shape));
        }
        if (bytes > BYTES_PER_MAPPING) {
            reopen();
        }
        used.add(name);
        Tensor mapped = Shapes.require(file.get(name), "tensor '" + name + "' of the checkpoint", shape);
        bytes += mapped.nbytes();
        return FiniteNumbers.require(name, mapped).contiguous();
    }

    private void reopen() {
        file.close();
        try {
            file = opener.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        bytes = 0;
    }

    /** True if a layer asked for this tensor. */
    boolean hasUsed(String name) {
        return used.contains(name);
    }

    @Override
    public void close() {
        file.close();
    }
}
