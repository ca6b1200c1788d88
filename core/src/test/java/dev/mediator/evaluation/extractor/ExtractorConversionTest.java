package dev.mediator.evaluation.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.SafeTensorsWriter;
import dev.mediator.evaluation.ExtractorDescription;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights in the formats they come in, and their conversion. */
class ExtractorConversionTest {
    private static final Path SHIPPED = Path.of("../models/fashion-classifier.safetensors");
    private static final Path TORCH = Path.of("src/test/resources/torch");

    @TempDir
    private Path folder;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @Test
    void aConvertedFileMakesTheSameExtractor() throws IOException {
        Path out = folder.resolve("new/converted.safetensors");
        ExtractorDescription made = ExtractorKind.FASHION.convert(SHIPPED, out);
        try (FeatureExtractor shipped = ExtractorKind.FASHION.open(SHIPPED, ComputeDevice.CPU);
                FeatureExtractor converted = ExtractorKind.FASHION.open(out, ComputeDevice.CPU)) {
            assertThat(made).isEqualTo(shipped.description());
            assertThat(converted.description()).isEqualTo(made);
            assertThat(converted.classNames()).hasSize(10).contains("Ankle boot");
        }
        try (SafeTensors file = SafeTensors.open(out)) {
            assertThat(file.metadata())
                    .containsEntry("extractor", "fashion")
                    .containsEntry("source", "fashion-classifier.safetensors")
                    .doesNotContainKey("sourceSha256");
        }
    }

    /** What PyTorch keeps beside the weights is left out, and fp64 becomes fp32. */
    @Test
    void countersAreLeftOut() throws IOException {
        Path in = folder.resolve("with.safetensors");
        Path out = folder.resolve("without.safetensors");
        try (Scope scope = Scope.open();
                SafeTensors shipped = SafeTensors.open(SHIPPED)) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            shipped.all().forEach((name, tensor) -> tensors.put(name, Tensors.to(tensor, DType.F64)));
            tensors.put("stem.num_batches_tracked", Tensors.of(new long[] {7}, 1));
            SafeTensorsWriter.write(in, tensors, Map.of("sourceSha256", "abc"));
        }
        ExtractorKind.FASHION.convert(in, out);
        try (SafeTensors file = SafeTensors.open(out)) {
            assertThat(file.contains("stem.num_batches_tracked")).isFalse();
            assertThat(file.entries()).allMatch(entry -> entry.dtype() == DType.F32);
            assertThat(file.metadata()).containsEntry("sourceSha256", "abc");
        }
    }

    /** The identity of published weights is that of the file that was published. */
    @Test
    void pytorchFilesAreReadAndKnownByTheirContent() throws IOException {
        try (Scope scope = Scope.open();
                SafeTensors same = SafeTensors.open(TORCH.resolve("bare.safetensors"))) {
            ExtractorWeights read = ExtractorWeights.read(TORCH.resolve("bare.pt"), ComputeDevice.CPU);
            assertThat(read.tensors().keySet())
                    .contains("fc.weight", "norm.running_var")
                    .isSubsetOf(same.all().keySet())
                    .doesNotContain("norm.num_batches_tracked");
            assertThat(read.sourceSha256()).matches("[0-9a-f]{64}");
            Path copy = Files.copy(TORCH.resolve("bare.pt"), folder.resolve("copy.pt"));
            assertThat(ExtractorWeights.read(copy, ComputeDevice.CPU).sourceSha256())
                    .isEqualTo(read.sourceSha256());
            assertThat(ExtractorWeights.read(TORCH.resolve("bare.safetensors"), ComputeDevice.CPU)
                            .sourceSha256())
                    .isEmpty();
        }
    }

    @Test
    void otherNetworksAreRefusedAndNothingIsWritten() {
        Path out = folder.resolve("out.safetensors");
        assertThatIOException()
                .isThrownBy(() -> ExtractorKind.INCEPTION.convert(TORCH.resolve("bare.pt"), out))
                .withMessageContaining("bare.pt: the checkpoint lacks tensor 'Conv2d_1a_3x3.conv.weight'");
        assertThatIOException()
                .isThrownBy(() -> ExtractorKind.EFFICIENTNET_LITE0.convert(SHIPPED, out))
                .withMessageContaining("fashion-classifier.safetensors: the checkpoint lacks tensor");
        assertThat(out).doesNotExist();
    }
}
