package dev.mediator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is closed or changes says in its Javadoc which threads may use it; all else is immutable and needs no word, as
 * docs/library.md says.
 */
class ThreadsTest {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Pattern DECLARATION =
            Pattern.compile("^public [a-z ]*(class|interface|record|enum) ", Pattern.MULTILINE);
    private static final Pattern COLLECTS =
            Pattern.compile("^    private final [^=(]+ = new \\w*(List|Map|Set|Deque|Builder)\\b", Pattern.MULTILINE);

    @Test
    void everyClassThatIsClosedOrChangesSaysWhichThreadsMayUseIt() throws IOException {
        List<Path> silent;
        try (Stream<Path> files = Files.walk(SOURCES)) {
            silent = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(ThreadsTest::isSilent)
                    .toList();
        }
        assertThat(silent)
                .as(
                        "Say in the Javadoc of these classes which threads may use them, such as \"Any thread may use it, one at a"
                                + " time; closing waits for the use in progress\" (which a UseGuard makes true) or \"For one thread at"
                                + " a time\"")
                .isEmpty();
    }

    private static boolean isSilent(Path file) {
        try {
            String source = Files.readString(file);
            Matcher declaration = DECLARATION.matcher(source);
            if (!declaration.find()
                    || (!isClosedOrChanges(type(file))
                            && !COLLECTS.matcher(source).find())) {
                return false;
            }
            String before = source.substring(0, declaration.start());
            String javadoc = before.substring(Math.max(0, before.lastIndexOf("/**")));
            return !javadoc.toLowerCase(Locale.ROOT).contains("thread");
        } catch (IOException | ReflectiveOperationException e) {
            throw new IllegalStateException(file.toString(), e);
        }
    }

    private static Class<?> type(Path file) throws ClassNotFoundException {
        String name = SOURCES.relativize(file).toString().replaceFirst("\\.java$", "");
        return Class.forName(name.replaceAll("[/\\\\]", "."), false, ThreadsTest.class.getClassLoader());
    }

    private static boolean isClosedOrChanges(Class<?> type) {
        return AutoCloseable.class.isAssignableFrom(type)
                || Arrays.stream(type.getDeclaredFields()).anyMatch(ThreadsTest::changes);
    }

    private static boolean changes(Field field) {
        return !Modifier.isStatic(field.getModifiers()) && !Modifier.isFinal(field.getModifiers());
    }
}
