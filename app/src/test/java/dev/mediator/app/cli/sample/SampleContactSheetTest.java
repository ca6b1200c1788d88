package dev.mediator.app.cli.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.generation.GenerationSettings;
import dev.mediator.image.Picture;
import dev.mediator.image.PngFile;
import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.stepwise.StaticSchedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a contact sheet shows of many or large pictures. */
class SampleContactSheetTest {
    private static final int GAP = 4;

    @TempDir
    private Path folder;

    @Test
    void aRowPerClassAndAColumnPerSeed() throws IOException {
        Picture small = sheet(3, 2, 16);
        Picture wider = sheet(3, 5, 16);
        Picture higher = sheet(4, 2, 16);

        assertThat(wider.height()).isEqualTo(small.height());
        assertThat(higher.height() - small.height()).isEqualTo(96 + GAP);
    }

    @Test
    void atMostSixteenColumns() throws IOException {
        assertThat(sheet(2, 40, 16).width()).isEqualTo(sheet(2, 16, 16).width());
        assertThat(sheet(2, 16, 16).width()).isGreaterThan(sheet(2, 15, 16).width());
    }

    @Test
    void ofLargePicturesOnlyTheFirstClasses() throws IOException {
        Picture all = sheet(1, 2, 3000);
        Picture some = sheet(3, 2, 3000);

        assertThat(some.height()).as("3 rows would be 54 million pixels").isEqualTo(all.height());
    }

    private Picture sheet(int classes, int count, int size) throws IOException {
        List<String> names =
                IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();
        List<Integer> labels = IntStream.range(0, classes).boxed().toList();
        GenerationSettings settings =
                new GenerationSettings(OdeConfig.DEFAULT, Guidance.NONE, new StaticSchedule(MediatorCount.FULL));
        SampleRecord record = new SampleRecord(
                List.of(new SampleRecord.Checkpoint("m", "")),
                "ema",
                null,
                "F32",
                settings,
                "summary",
                "static:full",
                SampleRecord.images(labels, names, 0, count));
        Path target = folder.resolve(classes + "-" + count + "-" + size);
        Picture grey = Picture.of(size, size, 1, new byte[size * size]);
        try (SampleFolder opened = SampleFolder.open(target, record)) {
            for (SampleRecord.Image image : record.images()) {
                PngFile.write(opened.file(image), grey);
            }
            return new SampleContactSheet(opened, record).draw();
        }
    }
}
