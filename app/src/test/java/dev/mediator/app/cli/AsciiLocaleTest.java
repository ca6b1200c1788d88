package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.Main;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program under {@code LC_ALL=C}, without the launcher that would choose a UTF-8 locale. */
@EnabledOnOs(OS.LINUX)
class AsciiLocaleTest {
    private static final String NAME = "sch\u00f6n";

    @TempDir
    private Path folder;

    /** Each in one line that tells what to set; nothing is written, neither there nor elsewhere. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "train config.json --run NAME",
                "experiment config.json --out NAME",
                "make-reference NAME --out r.safetensors",
                "evaluate --samples NAME --reference r.safetensors",
                "encode config.json --out NAME",
                "selftest NAME"
            })
    void aNameThatWouldLeadElsewhereIsRefused(String command) throws Exception {
        TinyTraining.writeConfig(folder.resolve("config.json"));
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        line.addAll(List.of(command.replace("NAME", NAME).split(" ")));
        ProcessBuilder builder = new ProcessBuilder(line).directory(folder.toFile());
        builder.environment().put("LC_ALL", "C");
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isIn(1, 2);
        assertThat(said).contains("start Java under a UTF-8 locale, such as LC_ALL=C.UTF-8");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(file -> file.getFileName().toString())).containsExactly("config.json");
        }
    }
}
