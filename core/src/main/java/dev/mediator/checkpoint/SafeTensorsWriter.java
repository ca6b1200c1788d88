package dev.mediator.checkpoint;

import dev.mediator.file.WholeFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Shapes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes safetensors files, whole or not at all, with checksums of their content. */
public final class SafeTensorsWriter {
    private static final JsonMapper JSON = new JsonMapper();

    private SafeTensorsWriter() {}

    /**
     * Writes tensors in the map's order.
     *
     * @param file the target; replaced if it exists
     * @param tensors name → tensor, any layout and device
     * @param metadata strings such as config and provenance
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        Map<String, String> checked = new LinkedHashMap<>(metadata);
        checked.put(Checksums.KEY, Checksums.of(tensors, metadata, entries(tensors)));
        WholeFile.write(file, channel -> {
            WholeFile.writeFully(channel, header(tensors, checked));
            for (Tensor tensor : tensors.values()) {
                TensorBytes.forEachChunk(tensor, chunk -> WholeFile.writeFully(channel, chunk));
            }
        });
    }

    private static List<TensorEntry> entries(Map<String, Tensor> tensors) {
        List<TensorEntry> entries = new ArrayList<>();
        tensors.forEach((name, tensor) -> entries.add(new TensorEntry(
                name, DType.of(tensor), Arrays.stream(Shapes.of(tensor)).boxed().toList())));
        return entries;
    }

    private static ByteBuffer header(Map<String, Tensor> tensors, Map<String, String> metadata) {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode meta = root.putObject("__metadata__");
        new TreeMap<>(metadata).forEach(meta::put); // the same bytes, whatever map it is
        long offset = 0;
        for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
            DType dtype = DType.of(e.getValue());
            long[] shape = Shapes.of(e.getValue());
            long end = offset + Shapes.numel(shape) * dtype.bytes();
            ObjectNode node = root.putObject(e.getKey());
            node.put("dtype", dtype.name());
            var sizes = node.putArray("shape");
            Arrays.stream(shape).forEach(sizes::add);
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        ByteBuffer buffer = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(padded).put(json);
        while (buffer.hasRemaining()) {
            buffer.put((byte) ' ');
        }
        return buffer.flip();
    }
}
