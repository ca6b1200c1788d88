package dev.mediator.app.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnalysisFolderTest {
    @TempDir
    private Path folder;

    /** Java's own hash of these texts is the same. */
    @Test
    void settingsOfOneShortHashHaveFoldersOfTheirOwn() throws IOException {
        assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
        Path first = written(List.of("Aa"));
        Path second = written(List.of("BB"));
        assertThat(second).isNotEqualTo(first);
        assertThat(written(List.of("Aa"))).isEqualTo(first);
        assertThat(first.getFileName().toString()).matches("x-[0-9a-f]{16}");
    }

    @Test
    void aFolderOfOtherSettingsIsNotWrittenTo() throws IOException {
        Path first = written(Map.of("points", 3));
        Files.writeString(first.resolve("settings.json"), "{\"points\": 4}");
        Path second = written(Map.of("points", 3));
        assertThat(second.getFileName().toString())
                .startsWith(first.getFileName().toString())
                .matches("x-[0-9a-f]{32}");
        assertThat(first.resolve("settings.json")).hasContent("{\"points\": 4}");
        assertThat(written(Map.of("points", 3))).isEqualTo(second);
    }

    private Path written(Object settings) throws IOException {
        AnalysisFolder made = AnalysisFolder.below(folder, "x", settings);
        made.write("a.txt", "a");
        assertThat(made.files()).containsExactly(made.path().resolve("a.txt").toString());
        return made.path();
    }
}
