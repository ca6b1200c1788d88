package dev.mediator.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class JsonFileTest {
    @TempDir
    private Path folder;

    record Inner(List<Integer> numbers) {
        Inner {
            numbers = List.copyOf(numbers);
        }
    }

    record Outer(Inner inner) {}

    @Test
    void aByteOrderMarkIsNoPartOfTheText() throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), "\uFEFF{\"ä\": 1}");
        assertThat(JsonFile.object(file).path("ä").intValue()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``              | is not a JSON object",
                "null            | is not a JSON object",
                "[1]             | is not a JSON object",
                "{\"a\":1,\"a\":2} | is not JSON: Duplicate",
                "{\"a\":NaN}     | is not JSON: Non-standard token 'NaN'",
                "{} {}           | is not JSON: Trailing token",
                "{\"a\":         | is not JSON: Unexpected end-of-input",
            })
    void whatIsNoObjectIsRefused(String text, String reason) throws IOException {
        Path file = Files.writeString(folder.resolve("b.json"), text);
        assertThatIOException()
                .isThrownBy(() -> JsonFile.object(file))
                .withMessageStartingWith(file + " " + reason)
                .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1).doesNotContain("REDACTED"));
    }

    @Test
    void otherEncodingsAreRefused() throws IOException {
        Path file = Files.write(folder.resolve("c.json"), "{\"ä\": 1}".getBytes(StandardCharsets.UTF_16));
        assertThatIOException()
                .isThrownBy(() -> JsonFile.tree(file))
                .withMessage(file + " is not JSON: it is not text in UTF-8");
    }

    @Test
    void theFieldIsNamed() {
        assertReason("{\"inner\":{\"numbers\":[1,\"x\"]}}", "field 'inner.numbers[1]': Cannot deserialize");
        assertReason("{\"inner\":{\"numbers\":[null]}}", "field 'inner': a value is missing");
        assertReason("{\"inner\":{}}", "field 'inner': a value is missing");
    }

    private static void assertReason(String json, String reason) {
        assertThatThrownBy(() -> new JsonMapper().readValue(json, Outer.class))
                .isInstanceOfSatisfying(JacksonException.class, e -> assertThat(JsonFile.reason(e))
                        .startsWith(reason));
    }
}
