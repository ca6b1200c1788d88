package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.codec.PixelCodec;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What a training draws of itself. */
class SampleSheetTest {
    private static final SitConfig CONFIG =
            new SitConfig(8, 2, 1, 16, 1, 2, 4, 2, false, List.of(new MediatorCount(4)), null);

    @TempDir
    private Path folder;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    /** The null label's row is whatever it was at the start. */
    @Test
    void aNullLabelThatIsNotTrainedDoesNotMatter() throws IOException {
        assertThat(sheet(0.1, 1)).isNotEqualTo(sheet(0.1, 30));
        assertThat(sheet(0, 1)).isEqualTo(sheet(0, 30));
    }

    private Picture sheet(double labelDropout, double nullLabel) throws IOException {
        JsonMapper json = new JsonMapper();
        Path file = folder.resolve("sheet.png");
        try (Scope scope = Scope.open();
                Sit sit = new Sit(
                        CONFIG,
                        (name, init, shape) -> Scope.keepResult(
                                () -> Ops.mul(new RandomStream(7, name.hashCode()).normalTensor(0, shape), 0.25)))) {
            Map<String, Tensor> parameters = new LinkedHashMap<>(sit.parameters());
            parameters.computeIfPresent(
                    "y_embedder.embedding_table.weight",
                    (name, table) -> Ops.cat(0, table.narrow(0, 0, 2), Ops.mul(table.narrow(0, 2, 1), nullLabel)));
            SitCheckpoint description = new SitCheckpoint(
                    CONFIG,
                    List.of("a", "b"),
                    json.createObjectNode(),
                    json.createObjectNode(),
                    labelDropout,
                    json.createObjectNode());
            SampleSheet.write(file, 3, description, Transport.LINEAR_VELOCITY, parameters, new PixelCodec());
        }
        return PictureFile.read(file);
    }
}
