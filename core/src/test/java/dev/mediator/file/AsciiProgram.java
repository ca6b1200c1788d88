package dev.mediator.file;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.data.DataConfig;
import dev.mediator.data.DataType;
import dev.mediator.data.Split;
import dev.mediator.image.PictureFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What a program does with files; run under a locale that knows ASCII only. It prints what it is told. */
final class AsciiProgram {
    private AsciiProgram() {}

    public static void main(String[] args) {
        Path relative = Path.of("rel");
        tell("write", () -> WholeFile.write(relative, "text"));
        tell("absolute", () -> WholeFile.write(relative.toAbsolutePath(), "text"));
        tell("tensors", () -> SafeTensors.open(relative));
        tell("picture", () -> PictureFile.read(relative));
        tell("current", FileNames::requireCurrentFolder);
        tell("text", () -> FileNames.path("sch\u00f6n"));
        tell("argument", () -> WholeFile.write(Path.of(args[0]), "text"));
        tell("classes", () -> folder(args[1]).open());
    }

    private static DataConfig folder(String path) {
        return new DataConfig(DataType.FOLDER, path, Split.ALL, 8, 0, 3, false, false, List.of());
    }

    private interface Attempt {
        void make() throws IOException;
    }

    private static void tell(String name, Attempt attempt) {
        try {
            attempt.make();
            System.out.println(name + " done");
        } catch (IOException | IllegalArgumentException e) {
            System.out.println(name + " " + e.getClass().getSimpleName() + " " + e.getMessage());
        }
    }
}
