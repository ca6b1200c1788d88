package dev.mediator.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.process.ChildJvm;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeCacheTest {
    private final List<String> done = new ArrayList<>();

    @TempDir
    private Path folder;

    @Test
    void ofSeveralProcessesOneUnpacks() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int index = 0; index < 4; index++) {
            processes.add(fill());
        }
        List<String> said = new ArrayList<>();
        for (Process process : processes) {
            said.addAll(lines(process));
            assertThat(process.waitFor()).as("exit code; %s", said).isZero();
        }

        assertThat(said).filteredOn("loaded"::equals).hasSize(4);
        assertThat(said).filteredOn(line -> line.startsWith("unpacks")).hasSize(CacheFiller.FILES);
    }

    @Test
    void whatAKilledProcessLeftIsUnpackedAnew() throws Exception {
        Process killed = fill("stuck");
        try (BufferedReader out = killed.inputReader()) {
            assertThat(out.lines().anyMatch("stuck"::equals)).isTrue();
            Process waiting = fill();
            killed.destroyForcibly().waitFor();

            assertThat(lines(waiting))
                    .containsExactly("unpacks library1", "unpacks library2", "unpacks library3", "loaded");
        }
    }

    @Test
    void aCompleteCacheIsNotUnpackedAgain() throws Exception {
        Path library = folder.resolve("library");
        cache().load(() -> List.of(() -> write(library)), () -> done.add("loaded"));
        cache().load(() -> List.of(() -> write(library)), () -> done.add("loaded"));
        assertThat(done).containsExactly("unpacked", "loaded", "loaded");

        Files.setLastModifiedTime(library, FileTime.fromMillis(1));
        cache().load(() -> List.of(() -> write(library)), () -> done.add("loaded"));
        Files.delete(library);
        cache().load(() -> List.of(() -> write(library)), () -> done.add("loaded"));
        assertThat(done).filteredOn("unpacked"::equals).hasSize(3);
    }

    @Test
    void afterAFailureToLoadNothingCountsAsComplete() {
        Path library = folder.resolve("library");
        assertThatThrownBy(() -> cache().load(() -> List.of(() -> write(library)), () -> {
                    throw new UnsatisfiedLinkError("no");
                }))
                .hasMessage("no");
        cache().load(() -> List.of(() -> write(library)), () -> done.add("loaded"));
        assertThat(done).containsExactly("unpacked", "unpacked", "loaded");
    }

    @Test
    void aFullDiskIsToldWithTheWayOut() {
        assertThatThrownBy(() -> cache().load(
                                () -> List.of(() -> {
                                    throw new IOException("No space left on device");
                                }),
                                () -> done.add("loaded")))
                .isInstanceOf(UncheckedIOException.class)
                .cause()
                .hasMessageContainingAll(
                        folder.toString(),
                        "(No space left on device)",
                        "MB are free",
                        "-Dorg.bytedeco.javacpp.cachedir=");
        assertThat(done).isEmpty();
    }

    @Test
    void aFolderThatIsAFileIsTold() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> new NativeCache(file, "test").load(() -> List.of(), () -> {}))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file.toString());
    }

    /** JavaCPP would unpack a library that is not in the list by itself, while others load. */
    @Test
    void everyLibraryThatLoadsIsInTheList() throws Exception {
        Engine.start();
        Path cache = Loader.getCacheDir().toPath().toRealPath();
        String lists;
        try (var files = Files.list(cache)) {
            StringBuilder all = new StringBuilder();
            for (Path list :
                    files.filter(file -> file.toString().endsWith(".list")).toList()) {
                all.append(Files.readString(list));
            }
            lists = all.toString();
        }
        for (Map.Entry<String, String> loaded : Loader.getLoadedLibraries().entrySet()) {
            Path file = Path.of(loaded.getValue());
            if (file.isAbsolute() && file.startsWith(cache)) {
                assertThat(lists).contains(cache.relativize(file.toRealPath()).toString());
            }
        }
        assertThat(lists).contains("torch");
    }

    private Process fill(Object... more) throws IOException {
        List<Object> arguments = new ArrayList<>(List.of(folder));
        arguments.addAll(List.of(more));
        return ChildJvm.start(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1"), CacheFiller.class, arguments.toArray());
    }

    private static List<String> lines(Process process) throws IOException {
        try (BufferedReader out = process.inputReader()) {
            return out.lines().filter(line -> !line.startsWith("Picked up")).toList();
        }
    }

    private NativeCache cache() {
        return new NativeCache(folder, "test");
    }

    private File write(Path file) throws IOException {
        done.add("unpacked");
        Files.writeString(file, "library");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
        return file.toFile();
    }
}
