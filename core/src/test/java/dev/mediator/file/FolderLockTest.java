package dev.mediator.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
    @TempDir
    private Path folder;

    /** Another process that locks a folder until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws Exception {
            try (FolderLock lock = FolderLock.ofFolder(Path.of(args[0]), "encode")) {
                System.out.println("locked");
                System.in.read();
            }
        }
    }

    @Test
    void oneWriterAtATimeInOneProcess() throws IOException {
        Path run = folder.resolve("run");
        try (FolderLock lock = FolderLock.ofFolder(run, "train")) {
            assertThatThrownBy(() -> FolderLock.ofFolder(folder.resolve(".").resolve("run"), "sample"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("run is being written by train (process "
                            + ProcessHandle.current().pid() + " on ")
                    .hasMessageContaining(", since 20");
            Files.createFile(run.resolve("content"));
        }
        try (FolderLock again = FolderLock.ofFolder(run, "sample")) {
            assertThat(run).isDirectory();
        }
        assertThat(run).isDirectoryNotContaining("glob:**.lock");
    }

    @Test
    void aFolderThatWasNotUsedIsNotLeft() throws IOException {
        FolderLock.ofFolder(folder.resolve("a/b"), "train").close();
        assertThat(folder.resolve("a/b")).doesNotExist();
        Path file = folder.resolve("c/weights");
        try (FolderLock lock = FolderLock.ofFile(file, "convert");
                FolderLock other = FolderLock.ofFile(folder.resolve("c/others"), "convert")) {
            assertThatThrownBy(() -> FolderLock.ofFile(file, "convert")).hasMessageStartingWith(file + " is being");
        }
        assertThat(folder.resolve("c")).doesNotExist();
    }

    @Test
    void anotherProcessIsNamedAndItsLockDiesWithIt() throws Exception {
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = holder.inputReader()) {
            assertThat(said.readLine()).isEqualTo("locked");
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> FolderLock.ofFolder(folder, "train"))
                        .hasMessageContaining("encode (process " + holder.pid() + " on ");
            }
        } finally {
            holder.destroyForcibly().waitFor();
        }
        assertThat(folder.resolve(FolderLock.NAME)).as("left by kill -9").exists();

        FolderLock.ofFolder(folder, "train").close();
        assertThat(folder.resolve(FolderLock.NAME)).doesNotExist();
    }

    /** Lock files come and go: whoever waits for one must not take one that is deleted already. */
    @Test
    void threadsTakeTurns() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        Path counter = Files.writeString(folder.resolve("counter"), "0");
        try {
            for (Future<?> each : IntStream.range(0, 4)
                    .mapToObj(i -> threads.submit(() -> count(counter)))
                    .toList()) {
                each.get();
            }
        } finally {
            threads.shutdown();
        }
        assertThat(counter).hasContent("100");
    }

    private @org.jspecify.annotations.Nullable Void count(Path counter) throws IOException {
        for (int done = 0; done < 25; ) {
            FolderLock lock;
            try {
                lock = FolderLock.ofFile(counter, "count");
            } catch (IOException e) {
                continue; // somebody else's turn
            }
            try (lock) {
                int now = Integer.parseInt(Files.readString(counter));
                Files.writeString(counter, Integer.toString(now + 1));
                done++;
            }
        }
        return null;
    }
}
