package dev.mediator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.checkpoint.TensorFile;
import dev.mediator.checkpoint.Weights;
import dev.mediator.nn.Init;
import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading a large network in fp32 takes little more memory than its tensors. The file is nearly all a hole. */
class LoadingTest {
    private static final SitConfig NETWORK =
            SitPreset.config("SiT-S/2", 32, 4, 1000, true, List.of(new MediatorCount(64)));
    private static final long MAPPING_BYTES = 64L << 20;

    @TempDir
    private Path folder;

    private Path file;
    private long bytes;

    @BeforeEach
    void writeNetwork() throws IOException {
        Engine.start();
        Map<String, long[]> shapes = SparseNetwork.shapes(NETWORK);
        shapes.remove("pos_embed"); // zeros are not its values
        file = folder.resolve("large.safetensors");
        bytes = SparseNetwork.write(file, shapes);
    }

    /** All weights are views of one storage: the mapped file. */
    @Test
    void weightsStayInTheFile() throws IOException {
        try (Sit sit = SitCheckpoint.load(file, Weights.EMA, DType.F32);
                Scope scope = Scope.open()) {
            assertThat(sit.parameters().values().stream()
                            .map(tensor -> tensor.storage().data().address())
                            .collect(Collectors.toSet()))
                    .hasSize(1);
            assertThat(sit.parameters().values().iterator().next().storage().nbytes())
                    .isEqualTo(bytes);
        }
    }

    /** One plain weight is alive at a time, and what was read of the mapping is let go every 64 MB. */
    @Test
    void packingHoldsOnePlainWeightAtATime() throws IOException {
        int[] openings = {0};
        CopiedParameters.Opener opener = () -> {
            openings[0]++;
            return TensorFile.open(file);
        };
        try (CopiedParameters copied = new CopiedParameters(opener, Placement.cpu(DType.F32))) {
            OneAtATime source = new OneAtATime(copied);
            Sit.fixed(NETWORK, source).close();

            assertThat(source.packed).isGreaterThan(4 * NETWORK.depth());
            assertThat(openings[0]).isGreaterThanOrEqualTo((int) (bytes / MAPPING_BYTES));
        }
    }

    /** Checks that the weight before has been freed when the next one is asked for. */
    private static final class OneAtATime implements ParameterSource {
        private final ParameterSource source;
        private Tensor last = new Tensor();
        private int packed;

        OneAtATime(ParameterSource source) {
            this.source = source;
        }

        @Override
        public Tensor get(String name, Init init, long... shape) {
            Tensor tensor = source.get(name, init, shape);
            if (shape.length == 2 && name.startsWith("blocks.")) {
                assertThat(packed == 0 || last.isNull())
                        .as("freed before " + name)
                        .isTrue();
                packed++;
                last = tensor;
            }
            return tensor;
        }
    }
}
