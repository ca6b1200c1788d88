package dev.mediator.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FileNatureTest {
    private static Stream<Arguments> natures() {
        return Stream.of(
                arguments("version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 12\n", "a Git LFS pointer"),
                arguments("/annex/objects/SHA256E-s1--1.pt\n", "a git-annex pointer"),
                arguments("<!DOCTYPE html><html><head>", "an HTML page"),
                arguments("\n\n <HTML lang='en'>", "an HTML page"),
                arguments("<?xml version='1.0'?><Error><Code>AccessDenied</Code>", "XML, as a download leaves"),
                arguments("Entry not found", "text: 'Entry not found'"),
                arguments("{\"error\": \"no such repository\"}", "text: '{\"error\": \"no such"),
                arguments("PK\3\4\24\0", "a zip archive"),
                arguments("%PDF-1.4", "a PDF document"),
                arguments("8BPS\0\1\0\0", "a Photoshop picture"),
                arguments("\0\0\0\14jP  \r\n", "a JPEG 2000 picture"),
                arguments("\0\0\0\14JXL \r\n", "a JPEG XL picture"),
                arguments("\0\5\26\7\0\2\0\0Mac OS X", "an AppleDouble file"),
                arguments("GGUF\3\0\0\0", "a GGUF file"));
    }

    @ParameterizedTest
    @MethodSource("natures")
    void tellsWhatFilesAre(String content, String nature) {
        String told = FileNature.of(content.getBytes(StandardCharsets.UTF_8)).orElse("");
        assertTrue(told.startsWith(nature), told);
    }

    @Test
    void tellsEmptyFilesAndZeros(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("weights.pt");
        Files.write(file, new byte[0]);
        assertEquals(Optional.of("empty"), FileNature.of(file));
        Files.write(file, new byte[4096]);
        assertTrue(FileNature.of(file).orElse("").startsWith("zeros where"));
    }

    @Test
    void tellsCompressedFilesAndArchives() {
        assertEquals(Optional.of("compressed with gzip"), FileNature.of(new byte[] {0x1f, (byte) 0x8b, 8, 0}));
        byte[] tar = new byte[512];
        tar[0] = 'a';
        System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
        assertEquals(Optional.of("a tar archive"), FileNature.of(tar));
    }

    @Test
    void saysNothingOfOtherBytes() {
        byte[] bytes = new byte[1024];
        new Random(1).nextBytes(bytes);
        assertEquals(Optional.empty(), FileNature.of(bytes));
        assertEquals("", FileNature.suffix(bytes));
    }

    @Test
    void longLinesAreCutAndOtherAlphabetsAreText() {
        String told =
                FileNature.of("ä".repeat(512).getBytes(StandardCharsets.UTF_8)).orElse("");
        assertEquals("text: '" + "ä".repeat(60) + "…'", told);
    }
}
