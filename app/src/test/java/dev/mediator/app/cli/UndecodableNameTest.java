package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.app.Main;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that are not UTF-8, under a UTF-8 locale. Java decodes them to other names, so nothing may be read or written by them. */
@EnabledOnOs(OS.LINUX)
class UndecodableNameTest {
    /** A name in Latin-1, as the shell makes it. */
    private static final String NAME = "\"$(printf 'w\\344')\"";

    private static final String REFUSAL = "this name is not UTF-8";

    @TempDir
    private Path folder;

    @BeforeEach
    void writeConfig() throws Exception {
        TinyTraining.writeConfig(folder.resolve("config.json"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train config.json --run NAME",
                "sample --out NAME",
                "encode config.json --out NAME/deeper",
                "info --json NAME",
                "train config.json --run r --set data.path=NAME",
                "evaluate --samples NAME --reference r.safetensors"
            })
    void anArgumentIsRefused(String command) throws Exception {
        assertThat(refused(command.replace("NAME", NAME))).contains("'", "w\ufffd");
        assertThat(left()).containsExactly("config.json");
    }

    @Test
    void theCurrentFolderIsRefused() throws Exception {
        TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        shell("mkdir " + NAME);

        String said = refused("sample --model ../tiny.safetensors --count 1 --points 2 --out rel", "cd " + NAME + "; ");

        assertThat(said).contains("the current folder, " + folder.toRealPath() + "/w\ufffd: " + REFUSAL);
        assertThat(left()).hasSize(3);
        assertThat(shell("ls -A " + NAME)).isEmpty();
    }

    @Test
    void aClassFolderIsRefused() throws Exception {
        shell("mkdir -p classes/" + NAME);

        String said = refused("evaluate --samples classes --reference classes");

        assertThat(said).contains("classes/w\ufffd: ");
    }

    private String refused(String command) throws Exception {
        return refused(command, "");
    }

    private String refused(String command, String before) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String said = shell(
                before + "'" + java + "' -Dmediator.home='" + Path.of("..").toRealPath() + "' -cp '" + classes + "' "
                        + Main.class.getName() + " " + command + "; echo exit $?");
        assertThat(said).contains(REFUSAL).containsPattern("exit [12]\\s*$");
        return said;
    }

    private String shell(String script) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script).directory(folder.toFile());
        builder.environment().put("LC_ALL", "C.UTF-8");
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    private Stream<String> left() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        }
    }
}
