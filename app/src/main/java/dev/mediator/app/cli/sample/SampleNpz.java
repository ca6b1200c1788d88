package dev.mediator.app.cli.sample;

import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.checkpoint.Compression;
import dev.mediator.checkpoint.NpzWriter;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The pictures of a folder as ADM's evaluator takes them: {@code arr_0}, [N, H, W, 3] uint8, grey repeated three times, and their
 * classes {@code arr_1}, [N] int64, as ADM's sampling writes them. Pictures are read one by one, so there may be any number.
 */
final class SampleNpz {
    private SampleNpz() {}

    /** @throws IOException if it cannot be a file; called before anything is made */
    static void requireWritable(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a folder, --npz names a file");
        }
    }

    /** Writes the pictures of a folder that is complete, whole or not at all. */
    static void write(Path file, SampleFolder folder, Console console) throws IOException {
        long count = folder.images().size();
        Picture first = PictureFile.read(folder.file(folder.images().get(0)));
        try (NpzWriter npz = NpzWriter.create(file, Compression.STORED);
                Progress progress = console.progress("writing " + file.getFileName(), count, "images");
                Scope scope = Scope.open()) {
            npz.begin("arr_0", DType.U8, count, first.height(), first.width(), 3);
            for (SampleRecord.Image image : folder.images()) {
                npz.append(PictureFile.read(folder.file(image)).withChannels(3).samples());
                progress.step(1);
            }
            long[] labels = folder.images().stream()
                    .mapToLong(SampleRecord.Image::label)
                    .toArray();
            npz.add("arr_1", Tensors.of(labels, labels.length));
            npz.finish();
        }
    }
}
