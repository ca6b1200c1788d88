package dev.mediator.model;

import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Safetensors files of networks of any size, in fp32 and without description, whose numbers are a hole in the file: all
 * zero, and nowhere on the disk.
 */
public final class SparseNetwork {
    private SparseNetwork() {}

    /** Names and shapes as a {@code state_dict} has them, with {@code pos_embed}. */
    public static Map<String, long[]> shapes(SitConfig config) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put("pos_embed", new long[] {1, config.tokens(), config.width()});
        ParameterSource recorder = (name, init, shape) -> {
            shapes.put(name, shape);
            return Tensors.zeros(DType.F32, 1).expand(shape);
        };
        try (Scope scope = Scope.open();
                Sit sit = new Sit(config, recorder)) {
            Tensor positions = sit.positions();
            shapes.put("pos_embed", Shapes.of(positions));
        }
        return shapes;
    }

    /** Writes a file; returns its size in bytes. */
    public static long write(Path file, Map<String, long[]> shapes) throws IOException {
        JsonMapper json = new JsonMapper();
        ObjectNode header = json.createObjectNode();
        long at = 0;
        for (Map.Entry<String, long[]> tensor : shapes.entrySet()) {
            ObjectNode node = header.putObject(tensor.getKey());
            node.put("dtype", "F32");
            node.set("shape", json.valueToTree(tensor.getValue()));
            long end = at + 4 * Shapes.numel(tensor.getValue());
            node.putArray("data_offsets").add(at).add(end);
            at = end;
        }
        StringBuilder text = new StringBuilder(json.writeValueAsString(header));
        while (text.length() % 8 != 0) {
            text.append(' ');
        }
        ByteBuffer start = ByteBuffer.allocate(8 + text.length()).order(ByteOrder.LITTLE_ENDIAN);
        start.putLong(text.length()).put(text.toString().getBytes(StandardCharsets.UTF_8));
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(start.flip(), 0);
            channel.write(ByteBuffer.allocate(1), start.limit() + at - 1);
            return channel.size();
        }
    }
}
