package dev.mediator.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderScanTest {
    @TempDir
    private Path root;

    @Test
    void whatIsNotUsedIsCountedAndNamed() throws IOException {
        for (String file : new String[] {
            "b/2.png",
            "b/10.png",
            "a/x.JPG",
            "a/._x.jpg",
            "a/deep/y.png",
            "a/deep/er/z.png",
            "loose.png",
            "notes.txt",
            ".git/c.png",
            "e/Thumbs.db"
        }) {
            Files.createDirectories(root.resolve(file).getParent());
            Files.writeString(root.resolve(file), "");
        }
        FolderScan scan = FolderScan.of(root);
        assertThat(scan.classes()).extracting(FolderScan.ClassFolder::name).containsExactly("a", "b", "e");
        assertThat(scan.classes().get(1).files()).containsExactly(root.resolve("b/10.png"), root.resolve("b/2.png"));
        assertThat(scan.leftOutBesideClasses())
                .containsExactly(
                        root + ": 1 image (loose.png) beside the class folders, of no class: left out",
                        root + ": 1 folder (e) without an image of its own: no class",
                        root + ": 2 images (a/deep/y.png, a/deep/er/z.png) in folders inside of those: left out",
                        root
                                + ": 4 other files (.git, notes.txt, a/._x.jpg, …), hidden or no picture by name: left out");
        assertThat(scan.leftOut()).hasSize(2);
    }

    @Test
    void nothingIsSaidOfAFolderThatHoldsImagesOnly() throws IOException {
        Files.createDirectory(root.resolve("a"));
        Files.writeString(root.resolve("a/1.png"), "");
        FolderScan scan = FolderScan.of(root);
        assertThat(scan.leftOutBesideClasses()).isEmpty();
        assertThat(scan.loose()).isEmpty();
    }
}
