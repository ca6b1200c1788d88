package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.PickleWriter;
import dev.mediator.file.WholeFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Shapes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes files that {@code torch.load} opens, with {@code weights_only=True} too, whole or not at all: a temporary file beside
 * the target is synced and then renamed. The object is
 *
 * <pre>{@code
 * {"ema": OrderedDict(name → tensor), "mediator": {"config": "…", …}}
 * }</pre>
 *
 * so that programs which take the average of a training's checkpoint find the weights where they look for them. What is beside
 * them are plain strings, which {@link TorchFile#description()} gives back.
 *
 * <p>The format is that of PyTorch 1.6 and later: an uncompressed zip archive with the pickle {@code archive/data.pkl} and an
 * entry {@code archive/data/0}, … for the numbers of each tensor, which begin at multiples of 64 bytes.
 */
public final class TorchWriter {
    /** The key beside the weights under which our files describe themselves. */
    public static final String DESCRIPTION = "mediator";

    private static final String FOLDER = "archive/";
    private static final int ALIGNMENT = 64;

    /** What PyTorch itself writes since 1.6. */
    private static final String FORMAT_VERSION = "3\n";

    private TorchWriter() {}

    /**
     * Writes tensors in the map's order, one after the other.
     *
     * @param file the target; replaced if it exists
     * @param tensors name → tensor, any layout and device
     * @param description strings such as config and provenance
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> description)
            throws IOException {
        write(file, tensors, description, ZipWriter.LIMIT_32);
    }

    /** With another size from which on the archive is written as one of more than 4 GiB must be. */
    static void write(Path file, Map<String, Tensor> tensors, Map<String, String> description, long limit32)
            throws IOException {
        WholeFile.write(file, channel -> {
            try (ZipWriter zip = new ZipWriter(channel, Compression.STORED, ALIGNMENT, limit32)) {
                entry(zip, "data.pkl", pickle(tensors, description));
                entry(zip, "byteorder", "little".getBytes(StandardCharsets.UTF_8));
                int key = 0;
                for (Tensor tensor : tensors.values()) {
                    zip.begin(FOLDER + "data/" + key++);
                    TensorBytes.forEachChunk(tensor, zip::write);
                    zip.end();
                }
                entry(zip, "version", FORMAT_VERSION.getBytes(StandardCharsets.UTF_8));
                zip.finish();
            }
        });
    }

    private static void entry(ZipWriter zip, String name, byte[] content) throws IOException {
        zip.begin(FOLDER + name);
        zip.write(ByteBuffer.wrap(content));
        zip.end();
    }

    private static byte[] pickle(Map<String, Tensor> tensors, Map<String, String> description) {
        PickleWriter pickle = new PickleWriter();
        pickle.emptyDict().begin().text(Weights.EMA.group());
        orderedDict(pickle).begin();
        int key = 0;
        for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
            tensor(pickle.text(tensor.getKey()), tensor.getValue(), key++);
        }
        pickle.endItems().text(DESCRIPTION).emptyDict().begin();
        new TreeMap<>(description).forEach((name, text) -> pickle.text(name).text(text));
        return pickle.endItems().endItems().finish();
    }

    private static PickleWriter orderedDict(PickleWriter pickle) {
        return pickle.global("collections", "OrderedDict").emptyTuple().call();
    }

    /** {@code _rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks)}. */
    private static void tensor(PickleWriter pickle, Tensor tensor, int key) {
        long[] shape = Shapes.of(tensor);
        String storage = TorchStorage.Type.of(DType.of(tensor)).name();
        int dot = storage.lastIndexOf('.');
        pickle.global("torch._utils", "_rebuild_tensor_v2").begin();
        pickle.begin()
                .text("storage")
                .global(storage.substring(0, dot), storage.substring(dot + 1))
                .text(Integer.toString(key))
                .text("cpu")
                .integer(Shapes.numel(shape))
                .endTuple()
                .resolve();
        pickle.integer(0).integers(shape).integers(rowMajorStrides(shape)).no();
        orderedDict(pickle).endTuple().call();
    }

    private static long[] rowMajorStrides(long... shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= Math.max(1, shape[i]);
        }
        return strides;
    }
}
