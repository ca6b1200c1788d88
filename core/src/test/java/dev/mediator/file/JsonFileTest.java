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
import tools.jackson.databind.DeserializationFeature;
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

    enum Kind {
        ONE,
        TWO
    }

    record Fields(int whole, double number, String text, boolean flag, Kind kind, Inner inner, List<Long> list) {}

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
                "{\"a\":1,\"a\":2} | is not JSON: it has the field 'a' twice",
                "{\"a\":NaN}     | is not JSON: NaN is not a number of JSON",
                "{} {}           | is not JSON: there is more behind its end",
                "{\"a\":         | is not JSON: it ends too early",
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
        assertReason(
                "{\"inner\":{\"numbers\":[1,\"x\"]}}",
                "field 'inner.numbers[1]': it is 'x', expected is a whole number");
        assertReason("{\"inner\":{\"numbers\":[null]}}", "field 'inner': a value is missing");
        assertReason("{\"inner\":{}}", "field 'inner': a value is missing");
    }

    /** None of Jackson's words, and none of the program's classes. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                          | field 'whole': it is missing",
                "{\"whole\":null}            | field 'whole': it is missing or null, expected is a whole number",
                "{\"whole\":\"\"}            | field 'whole': it is empty, expected is a whole number",
                "{\"whole\":\"x\"}           | field 'whole': it is 'x', expected is a whole number",
                "{\"whole\":[]}              | field 'whole': it is a list, expected is a whole number",
                "{\"whole\":true}            | field 'whole': it is true or false, expected is a whole number",
                "{\"whole\":3000000000}      | field 'whole': it is 3000000000, allowed are -2147483648 to 2147483647",
                "{\"number\":{}}             | field 'number': it is an object, expected is a number",
                "{\"number\":\"x\"}          | field 'number': it is 'x', expected is a number",
                "{\"text\":[1]}              | field 'text': it is a list, expected is text",
                "{\"flag\":\"x\"}            | field 'flag': it is 'x', expected is true or false",
                "{\"kind\":\"x\"}            | field 'kind': it is 'x', allowed are ",
                "{\"kind\":7}                | field 'kind': it is '7', expected is ",
                "{\"inner\":3}               | field 'inner': it is '3', expected is an object",
                "{\"inner\":\"x\"}           | field 'inner': it is 'x', expected is an object",
                "{\"inner\":[]}              | field 'inner': it is a list, expected is an object",
                "{\"inner\":{\"numbers\":3}} | field 'inner.numbers': it is a number, expected is a list",
                "{\"list\":7}                | field 'list': it is a number, expected is a list",
                "{\"list\":[1e30]}           | field 'list[0]': it is 1e30, allowed are -9223372036854775808 to",
                "{\"inner\":{\"numbers\":[],\"x\":1}} | field 'inner.x': it is unknown, known are numbers",
                "3                           | it is '3', expected is an object",
                "``                          | it is empty",
            })
    void theReasonIsInPlainWords(String json, String reason) {
        JsonMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build();
        assertThatThrownBy(() -> mapper.readValue(json, Fields.class))
                .isInstanceOfSatisfying(JacksonException.class, e -> assertThat(JsonFile.reason(e))
                        .startsWith(reason)
                        .hasLineCount(1)
                        .doesNotContain("Feature", "`", "Cannot", "Json", "java", "creator"));
    }

    private static void assertReason(String json, String reason) {
        assertThatThrownBy(() -> new JsonMapper().readValue(json, Outer.class))
                .isInstanceOfSatisfying(JacksonException.class, e -> assertThat(JsonFile.reason(e))
                        .startsWith(reason));
    }
}
