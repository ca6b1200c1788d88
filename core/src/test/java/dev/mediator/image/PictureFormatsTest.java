package dev.mediator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pictures of all kinds that Pillow wrote, and the samples it read: orientation, transparency, depth, profiles, animation. */
class PictureFormatsTest {
    @TempDir
    Path folder;

    /** A line of {@code expected.txt}: name, tolerance, width, height, channels, samples in hexadecimal digits. */
    private record Case(String name, int tolerance, Picture expected) {
        static Case parse(String line) {
            String[] words = line.split(" ", -1);
            return new Case(
                    words[0],
                    Integer.parseInt(words[1]),
                    Picture.of(
                            Integer.parseInt(words[2]),
                            Integer.parseInt(words[3]),
                            Integer.parseInt(words[4]),
                            HexFormat.of().parseHex(words[5])));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() throws IOException {
        return Files.readAllLines(resource("expected.txt")).stream()
                .map(Case::parse)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void readsWhatPillowReads(Case one) throws IOException {
        Picture found = PictureFile.read(resource(one.name()));
        assertThat(found.toString()).isEqualTo(one.expected().toString());
        byte[] samples = found.samples();
        byte[] expected = one.expected().samples();
        int largest = 0;
        for (int i = 0; i < samples.length; i++) {
            largest = Math.max(largest, Math.abs(Byte.toUnsignedInt(samples[i]) - Byte.toUnsignedInt(expected[i])));
        }
        assertThat(largest).isLessThanOrEqualTo(one.tolerance());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void readsOrRefusesWhatIsLeftOfACutFile(Case one) throws IOException {
        byte[] whole = Files.readAllBytes(resource(one.name()));
        Path cut = folder.resolve(one.name());
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(cut, Arrays.copyOf(whole, length));
            assertThatIOException()
                    .as("%d of %d bytes", length, whole.length)
                    .isThrownBy(() -> PictureFile.read(cut))
                    .withMessageStartingWith(cut.toString());
        }
    }

    @Test
    void saysThatTheEndIsMissing() throws IOException {
        assertCut("png-rgba.png", 12, "truncated", "IEND");
        assertCut("png-rgba.png", 4, "truncated", "IEND");
        assertCut("png-rgba.png", 40, "truncated");
        assertCut("jpg-grey.jpg", 2, "truncated", "end marker");
        assertCut("jpg-grey.jpg", 20, "truncated", "end marker");
        assertCut("webp-lossless-alpha.webp", 1, "truncated");
    }

    @Test
    void damagedLosslessSamplesAreRefused() throws IOException {
        byte[] whole = Files.readAllBytes(resource("webp-lossless-noise.webp"));
        Path file = folder.resolve("damaged.webp");
        for (int at = 21; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= (byte) (1 << at % 8);
            Files.write(file, damaged);
            try {
                assertThat(PictureFile.read(file).width()).isPositive();
            } catch (IOException e) { // most flips are noticed, and nothing else is thrown
                assertThat(e).hasMessageContaining("cannot be read as an image");
            }
        }
    }

    @Test
    void withoutLibwebpItsPicturesAreRefused() throws IOException {
        WebpDecoder.requireNative(true);
        assertThatIOException()
                .isThrownBy(() -> WebpDecoder.requireNative(false))
                .withMessageStartingWith("WebP needs the native library libwebp, which cannot be loaded here (")
                .withMessageContaining(System.getProperty("os.arch"))
                .withMessageEndingWith("convert the picture to PNG");
    }

    private void assertCut(String name, int missing, String... parts) throws IOException {
        byte[] whole = Files.readAllBytes(resource(name));
        Path cut = folder.resolve(name);
        Files.write(cut, Arrays.copyOf(whole, whole.length - missing));
        assertThatIOException().isThrownBy(() -> PictureFile.read(cut)).satisfies(e -> assertThat(e.getMessage())
                .contains(parts));
    }

    private static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(PictureFormatsTest.class.getResource("/pictures/formats/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
