package dev.mediator.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.process.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileNamesTest {
    private static final String ADVICE = "start Java under a UTF-8 locale, such as LC_ALL=C.UTF-8";

    @TempDir
    private Path folder;

    @Test
    @EnabledOnOs(OS.LINUX)
    void underAnAsciiLocaleNothingIsWrittenElsewhere() throws Exception {
        Path pictures = Files.createDirectories(folder.resolve("Fotos \u00e4"));
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Files.createDirectories(classes.resolve("sch\u00f6n"));

        List<String> said = run(pictures, pictures.resolve("out"), classes);

        for (String use : List.of("write", "absolute", "tensors", "picture", "current", "classes")) {
            assertThat(said)
                    .anySatisfy(line ->
                            assertThat(line).startsWith(use + " IOException").contains(ADVICE));
        }
        for (String use : List.of("text", "argument")) {
            assertThat(said).anySatisfy(line -> assertThat(line).startsWith(use + " I"));
        }
        assertThat(said).noneMatch(line -> line.endsWith(" done"));
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactlyInAnyOrder(pictures, classes);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void underAnAsciiLocaleAsciiNamesWork() throws Exception {
        List<String> said = run(Files.createDirectories(folder.resolve("plain")), folder.resolve("out"), folder);

        assertThat(said).contains("write done", "absolute done", "current done", "argument done");
    }

    @Test
    void textThatIsNoPathIsTold() {
        assertThatThrownBy(() -> FileNames.path("a\0b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no path");
    }

    @Test
    void lettersThatGotLostAreTold() {
        assertThatThrownBy(() -> FileNames.path("w\ufffd/a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'w\ufffd/a'");
        assertThatThrownBy(() -> FileNames.require(Path.of("w\ufffd/a")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("w\ufffd/a: this name is not UTF-8");
    }

    private static List<String> run(Path where, Object... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder().directory(where.toFile());
        builder.environment().put("LC_ALL", "C");
        Process process = ChildJvm.start(builder, List.of("-Xmx64m"), AsciiProgram.class, arguments);
        try (BufferedReader out = process.inputReader()) {
            return out.lines().toList();
        }
    }
}
