package dev.mediator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContactSheetTest {
    private static final int RED = 0xff0000;
    private static final int BLUE = 0x0000ff;

    @Test
    void smallPicturesAreEnlargedByAWholeFactor() {
        Picture sheet = ContactSheet.of("", List.of(row("", picture(32, RED), picture(32, BLUE))))
                .draw();
        assertThat(sheet.width()).isEqualTo(20 + 96 + 4 + 96 + 20);
        assertThat(sheet.height()).isEqualTo(20 + 96 + 20);
        assertThat(count(sheet, RED)).isEqualTo(96 * 96);
        assertThat(count(sheet, BLUE)).isEqualTo(96 * 96);
        assertThat(rgb(sheet, 20, 20)).isEqualTo(RED);
        assertThat(rgb(sheet, 115, 115)).isEqualTo(RED);
        assertThat(rgb(sheet, 116, 60)).isEqualTo(0xffffff);
        assertThat(rgb(sheet, 120, 20)).isEqualTo(BLUE);
    }

    @Test
    void largePicturesKeepTheirSize() {
        assertThat(count(
                        ContactSheet.of("t", List.of(row("r", picture(256, RED))))
                                .draw(),
                        RED))
                .isEqualTo(256 * 256);
    }

    @Test
    void namesAndTitleAreWritten() {
        List<ContactSheet.Row> rows = List.of(row("first", picture(32, RED)), row("second", picture(32, RED)));
        Picture bare = ContactSheet.of("", List.of(row("", picture(32, RED)), row("", picture(32, RED))))
                .draw();
        Picture named = new ContactSheet("A title", "and a caption", List.of("column"), rows).draw();
        assertThat(named.width()).isGreaterThan(bare.width());
        assertThat(named.height()).isGreaterThan(bare.height() + 40);
        assertThat(darkPixels(bare)).isZero();
        assertThat(darkPixels(named)).isGreaterThan(200);
        assertThat(count(named, RED)).isEqualTo(2 * 96 * 96); // nothing is written across a picture
    }

    @Test
    void aNameThatIsTooLongIsShortened() {
        Picture sheet = ContactSheet.of("", List.of(row("long ".repeat(200), picture(32, RED))))
                .draw();
        assertThat(sheet.width()).isLessThanOrEqualTo(20 + 180 + 14 + 96 + 20);
        assertThat(Lettering.plain(14).fit("abc", 100)).isEqualTo("abc");
        assertThat(Lettering.plain(14).fit("a very long name", 60))
                .endsWith("…")
                .startsWith("a ver");
    }

    @Test
    void theSameSheetIsDrawnAlike() {
        ContactSheet sheet = ContactSheet.of("Title", List.of(row("name", picture(28, RED))));
        assertThat(sheet.draw()).isEqualTo(sheet.draw());
    }

    @Test
    void rowsMayDifferInLength() {
        Picture sheet = ContactSheet.of(
                        "", List.of(row("", picture(32, RED)), row("", picture(32, BLUE), picture(32, BLUE))))
                .draw();
        assertThat(count(sheet, RED)).isEqualTo(96 * 96);
        assertThat(count(sheet, BLUE)).isEqualTo(2 * 96 * 96);
    }

    @Test
    void sheetsThatCannotBeDrawnAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ContactSheet.of("Empty", List.of(row("a"))))
                .withMessageContaining("'Empty' has no pictures");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ContactSheet.of("x", List.of(row("a", picture(8, RED), picture(9, RED)))))
                .withMessageContaining("different sizes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ContactSheet("x", "", List.of("one", "two"), List.of(row("a", picture(8, RED)))))
                .withMessageContaining("2 column names for 1 columns");
    }

    private static ContactSheet.Row row(String label, Picture... pictures) {
        return new ContactSheet.Row(label, Arrays.asList(pictures));
    }

    private static Picture picture(int size, int rgb) {
        byte[] samples = new byte[size * size * 3];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) (rgb >> (16 - i % 3 * 8));
        }
        return Picture.of(size, size, 3, samples);
    }

    private static int rgb(Picture picture, int x, int y) {
        return picture.sample(x, y, 0) << 16 | picture.sample(x, y, 1) << 8 | picture.sample(x, y, 2);
    }

    private static long count(Picture picture, int rgb) {
        long count = 0;
        for (int y = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++) {
                count += rgb(picture, x, y) == rgb ? 1 : 0;
            }
        }
        return count;
    }

    private static long darkPixels(Picture picture) {
        long count = 0;
        for (int y = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++) {
                int colour = rgb(picture, x, y);
                boolean isLetter = (colour & 0xff) < 160 && (colour >> 16) < 160;
                count += isLetter ? 1 : 0;
            }
        }
        return count;
    }
}
