package dev.mediator.app.cli.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DistinctNamesTest {
    @Test
    void filesAreCalledByAsManyFoldersAsItTakes() {
        assertThat(ofFiles("a/x.json", "b/y.json")).containsExactly("x.json", "y.json");
        assertThat(ofFiles("a/x.json", "b/x.json", "y.json")).containsExactly("a/x.json", "b/x.json", "y.json");
        assertThat(ofFiles("/p/a/x", "/q/a/x", "/q/b/x")).containsExactly("p/a/x", "q/a/x", "b/x");
        assertThat(ofFiles("/x", "/a/x", "/a/b/../x")).containsExactly("x", "a/x", "a/x (2)");
        assertThat(ofFiles("/x", "/x")).containsExactly("x", "x (2)");
        assertThat(ofFiles("/")).containsExactly("/");
    }

    @Test
    void textsAreNumberedFromTheSecondOn() {
        assertThat(DistinctNames.numbered(List.of("x", "x", "y", "x", "x (2)")))
                .containsExactly("x", "x (3)", "y", "x (4)", "x (2)");
    }

    @Test
    void lettersOfAnyNumberDiffer() {
        assertThat(Stream.of(0, 25, 26, 27, 51, 52, 701, 702).map(DistinctNames::letters))
                .containsExactly("A", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA");
        assertThat(IntStream.range(0, 20_000).mapToObj(DistinctNames::letters)).doesNotHaveDuplicates();
    }

    private static List<String> ofFiles(String... files) {
        return DistinctNames.ofFiles(Stream.of(files).map(Path::of).toList());
    }
}
