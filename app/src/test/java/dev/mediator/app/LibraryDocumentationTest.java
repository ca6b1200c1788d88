package dev.mediator.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The coordinates that the documentation of the library names are those of the build. */
class LibraryDocumentationTest {
    private static final Path ROOT = Path.of("..");

    @Test
    void coordinatesAreThoseOfTheBuild() throws IOException {
        String parent = Files.readString(ROOT.resolve("pom.xml"));
        String docs = Files.readString(ROOT.resolve("docs/library.md"));
        String group = first(parent, "<groupId>(.*?)</groupId>");
        String version = first(parent, "<version>(.*?)</version>");
        String javacpp = property(parent, "javacpp");
        String pytorch = property(parent, "pytorch").replace("${javacpp.version}", javacpp);
        String openblas = property(parent, "openblas").replace("${javacpp.version}", javacpp);

        assertThat(Files.readString(ROOT.resolve("core/pom.xml"))).contains("<artifactId>mediator-core</artifactId>");
        assertThat(docs)
                .contains(xml(group, "mediator-core", version), "'" + group + ":mediator-core:" + version + "'");
        for (List<String> natives :
                List.of(List.of("javacpp", javacpp), List.of("openblas", openblas), List.of("pytorch", pytorch))) {
            String artifact = natives.get(0);
            assertThat(docs)
                    .contains(
                            xml("org.bytedeco", artifact, natives.get(1)),
                            "'org.bytedeco:" + artifact + ":" + natives.get(1) + ":macosx-arm64'");
        }
        assertThat(Files.readString(ROOT.resolve("README.md"))).contains(group + ":mediator-core:" + version);
        Matcher classifiers = Pattern.compile("<natives.classifier>(.*?)</natives.classifier>")
                .matcher(parent);
        while (classifiers.find()) {
            if (!classifiers.group(1).equals("linux-arm64")) { // there are none
                assertThat(docs).contains("`" + classifiers.group(1) + "`");
            }
        }
    }

    private static String xml(String group, String artifact, String version) {
        return "  <groupId>" + group + "</groupId>\n  <artifactId>" + artifact + "</artifactId>\n  <version>" + version
                + "</version>\n";
    }

    private static String property(String pom, String name) {
        return first(pom, "<" + name + "\\.version>(.*?)</");
    }

    private static String first(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }
}
