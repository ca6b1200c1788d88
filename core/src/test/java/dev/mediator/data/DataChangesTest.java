package dev.mediator.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.mediator.image.Picture;
import dev.mediator.image.PngFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataChangesTest {
    @TempDir
    private Path folder;

    private Path root;
    private DataIdentity before;

    @BeforeEach
    void makeData() throws IOException {
        root = folder.resolve("data");
        for (String name : List.of("cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png")) {
            write(name, name.hashCode());
        }
        before = identity(root);
    }

    @Test
    void theSameDataElsewhereAreTheSame() throws IOException {
        assertThat(changes()).isEmpty();
        Path moved = Files.move(root, folder.resolve("moved"));
        assertThat(DataChanges.between(before, identity(moved))).isEmpty();
        assertThat(identity(moved).digest()).isEqualTo(before.digest());
        assertThat(DataIdentity.parse(moved, before.toJson())).isEqualTo(before);
        assertThatIOException()
                .isThrownBy(() -> DataIdentity.parse(moved, "{}"))
                .withMessageContaining("is damaged");
    }

    @Test
    void addedRemovedAndReplacedFilesAreNamed() throws IOException {
        write("cat/3.png", 77);
        Files.delete(root.resolve("dog/2.png"));
        byte[] picture = Files.readAllBytes(root.resolve("dog/1.png"));
        picture[picture.length / 2] ^= 1; // of the same size and time
        var time = Files.getLastModifiedTime(root.resolve("dog/1.png"));
        Files.setLastModifiedTime(Files.write(root.resolve("dog/1.png"), picture), time);
        assertThat(changes())
                .containsExactly(
                        "1 file added (cat/3.png)", "1 file removed (dog/2.png)", "1 file replaced (dog/1.png)");
    }

    @Test
    void renamedClassesAndMovedFilesAreTold() throws IOException {
        Files.move(root.resolve("dog"), root.resolve("bear"));
        assertThat(changes()).containsExactly("class 'dog' is called 'bear'");
        Files.move(root.resolve("cat/2.png"), root.resolve("bear/3.png"));
        assertThat(changes()).contains("1 file moved (cat/2.png to bear/3.png)");
    }

    @Test
    void newAndMissingClassesAreTold() throws IOException {
        write("owl/1.png", 5);
        assertThat(changes()).containsExactly("1 class added (owl)", "1 file added (owl/1.png)");
    }

    /** Leaving out what cannot be read does not make other data of it. */
    @Test
    void unreadableFilesBelongToTheIdentity() throws IOException {
        Files.writeString(root.resolve("cat/3.png"), "no picture");
        assertThat(config(root, true).open().identity()).isEqualTo(identity(root));
        assertThat(config(root, true).open().size()).isEqualTo(4);
    }

    @Test
    void idxFilesCountByTheirContent() throws IOException {
        DataIdentity excerpt = Excerpt.config().open().identity();
        assertThat(Excerpt.config().open().identity()).isEqualTo(excerpt);
        assertThat(DataChanges.between(
                        excerpt, Excerpt.config().withSplit(Split.TEST).open().identity()))
                .containsExactly("2 files replaced (images, labels)");
    }

    private List<String> changes() throws IOException {
        return DataChanges.between(before, identity(root));
    }

    private void write(String name, int value) throws IOException {
        byte[] samples = new byte[64];
        new java.util.Random(value).nextBytes(samples);
        PngFile.write(root.resolve(name), Picture.of(8, 8, 1, samples));
    }

    private static DataIdentity identity(Path root) throws IOException {
        return config(root, false).open().identity();
    }

    private static DataConfig config(Path root, boolean skipUnreadable) {
        return new DataConfig(DataType.FOLDER, root.toString(), Split.ALL, 8, 0, 1, false, skipUnreadable, List.of());
    }
}
