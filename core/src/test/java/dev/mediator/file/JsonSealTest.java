package dev.mediator.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The checksum of a JSON file. */
class JsonSealTest {
    private static final String OBJECT = "{\n  \"rule\" : \"static\",\n  \"stages\" : [ 1, 2.5 ],\n  \"ä\" : { }\n}\n";

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = folder.resolve("a.json");
        JsonFile.writeSealed(file, OBJECT);
    }

    @Test
    void readersDoNotSeeIt() throws IOException {
        assertThat(Files.readString(file)).contains("\"checksum\" : \"crc32c ");
        assertThat(JsonFile.isSealed(file)).isTrue();
        assertThat(JsonFile.tree(file)).isEqualTo(JsonFile.tree(OBJECT, "it"));
        JsonFile.writeSealed(file, "{}");
        assertThat(JsonFile.object(file)).isEmpty();
    }

    @Test
    void everyChangedBitIsNoticedOrIsWhiteSpace() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        JsonNode content = JsonFile.tree(file);
        int noticed = 0;
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] bytes = whole.clone();
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, bytes);
            try {
                assertThat(JsonFile.tree(file)).as("bit %d", bit).isEqualTo(content);
            } catch (IOException e) {
                noticed++;
                assertThat(e).hasMessageStartingWith(file.toString());
            }
        }
        assertThat(noticed).isGreaterThan(whole.length * 7);
    }

    @Test
    void whiteSpaceInATextCounts() throws IOException {
        JsonFile.writeSealed(file, "{\"class\": \"T \\\"shirt\"}");
        Files.writeString(file, Files.readString(file).replace("T \\", "T\\"));

        assertThatIOException().isThrownBy(() -> JsonFile.object(file)).withMessageContaining("is damaged");
    }

    @Test
    void aFileThatIsNotTextIsNamed() throws IOException {
        Files.write(file, new byte[] {'{', (byte) 0xff, '}'});

        assertThatIOException()
                .isThrownBy(() -> JsonFile.isSealed(file))
                .withMessage(file + " is not JSON: it is not text in UTF-8");
    }

    @Test
    void aDamagedFileIsNamedWithAWayOn() throws IOException {
        Files.writeString(file, Files.readString(file).replace("2.5", "2.4"));

        assertThatIOException()
                .isThrownBy(() -> JsonFile.object(file))
                .withMessage(
                        file + " is damaged: its content is not what its checksum says. If it was changed on purpose,"
                                + " take the field 'checksum' out of it");
    }

    @Test
    void anotherLayoutIsTheSameContent() throws IOException {
        JsonNode content = JsonFile.tree(file);
        Files.writeString(
                file, Files.readString(file).replaceAll("\\s*\\n\\s*", "").replace(" : ", ":"));

        assertThat(JsonFile.tree(file)).isEqualTo(content);
    }

    @Test
    void filesWithoutOneAreReadAsEver() throws IOException {
        Files.writeString(file, OBJECT);

        assertThat(JsonFile.isSealed(file)).isFalse();
        assertThat(JsonFile.text(file)).isEqualTo(OBJECT);
    }
}
