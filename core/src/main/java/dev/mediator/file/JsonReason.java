package dev.mediator.file;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Why Jackson refused some JSON, in words for people who know their file and neither Jackson nor this program's classes. */
final class JsonReason {
    /**
     * What Jackson says.
     *
     * @param said as it begins, with what varies in groups
     * @param meaning for people, with those groups
     */
    private record Phrase(Pattern said, String meaning) {
        Phrase(String said, String meaning) {
            this(Pattern.compile(said), meaning);
        }
    }

    private static final List<Phrase> PHRASES = List.of(
            new Phrase("Missing creator property '.*?'.*", "it is missing"),
            new Phrase("Cannot map `null` into type (`.*?`).*", "it is missing or null, expected is $1"),
            new Phrase("Cannot coerce `null` to (`.*?`).*", "it is empty, expected is $1"),
            new Phrase(
                    "Cannot deserialize value of type `.*?` from String \"(.*)\": .*for Enum class: \\[(.*)\\].*",
                    "it is '$1', allowed are $2"),
            new Phrase(
                    "Cannot deserialize value of type (`.*?`) from (?:String|number) \"?(.*?)\"?: .*",
                    "it is '$2', expected is $1"),
            new Phrase("Cannot deserialize value of type (`.*?`) from (\\S+) value.*", "it is <$2>, expected is $1"),
            new Phrase(
                    "Cannot construct instance of .* to deserialize from \\w+ value \\('?(.*?)'?\\)",
                    "it is '$1', expected is an object"),
            new Phrase("Cannot construct instance of .*, problem: (.*)", "$1"),
            new Phrase(
                    "Numeric value \\((.*)\\) out of range of `.*?` \\((.*) - (.*)\\)",
                    "it is $1, allowed are $2 to $3"),
            new Phrase(
                    "Could not resolve type id '(.*?)' .*known type ids = \\[(.*)\\].*",
                    "it is of kind '$1', allowed are $2"),
            new Phrase("Could not resolve .*missing type id property '(.*?)'.*", "it has no field '$1'"),
            new Phrase("No content to map.*", "it is empty"),
            new Phrase("Unexpected end-of-input.*", "it ends too early"),
            new Phrase("Trailing token.*", "there is more behind its end"),
            new Phrase("Duplicate Object property \"(.*)\"", "it has the field '$1' twice"),
            new Phrase("Non-standard token '(.*?)'.*", "$1 is not a number of JSON"),
            new Phrase(
                    "Document nesting depth \\((.*?)\\) exceeds the maximum allowed \\((\\d+).*",
                    "it nests $1 deep, allowed is $2"),
            new Phrase("(.*?) exceeds the maximum allowed \\((\\d+).*", "$1 exceeds what is allowed, $2"));

    /** Names of Java's types and Jackson's kinds of values. */
    private static final List<Phrase> NAMES = List.of(
            new Phrase("`(?:int|long|short|java.lang.(?:Integer|Long|Short)|java.math.BigInteger)`", "a whole number"),
            new Phrase("`(?:double|float|java.lang.(?:Double|Float))`", "a number"),
            new Phrase("`(?:boolean|java.lang.Boolean)`", "true or false"),
            new Phrase("`java.lang.String`", "text"),
            new Phrase("`(?:java.util.(?:\\w*List|Set|Collection)<.*>|.*\\[\\])`", "a list"),
            new Phrase("`.*?`", "an object"),
            new Phrase("<Array>", "a list"),
            new Phrase("<Object>", "an object"),
            new Phrase("<(?:Integer|Floating-point)>", "a number"),
            new Phrase("<Boolean>", "true or false"),
            new Phrase("<String>", "text"),
            new Phrase("<Null>", "null"));

    private JsonReason() {}

    /** One line. */
    static String of(JacksonException failure) {
        if (failure.getCause() instanceof NullPointerException) {
            return "a value is missing";
        } else if (failure instanceof UnrecognizedPropertyException unknown) {
            return "it is unknown, known are "
                    + unknown.getKnownPropertyIds().stream()
                            .map(String::valueOf)
                            .collect(Collectors.joining(", "));
        }
        String said = failure.getOriginalMessage().lines().findFirst().orElse("it is not what is expected");
        for (Phrase phrase : PHRASES) {
            Matcher matcher = phrase.said().matcher(said);
            if (matcher.matches()) {
                return named(matcher.replaceFirst(phrase.meaning()));
            }
        }
        return said.replaceFirst("(?::|;)? ?\\(?(?:set|enable|disable) .*`.*", "")
                .replace('`', '\'');
    }

    private static String named(String meaning) {
        String named = meaning;
        for (Phrase name : NAMES) {
            named = name.said().matcher(named).replaceAll(name.meaning());
        }
        return named;
    }
}
