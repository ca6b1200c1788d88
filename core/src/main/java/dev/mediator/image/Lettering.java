package dev.mediator.image;

import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

/** Text in a drawing: one sans-serif font in one size, with its measures. */
final class Lettering {
    private static final String ELLIPSIS = "…";

    private final Font font;
    private final FontMetrics metrics;

    private Lettering(Font font) {
        this.font = font;
        this.metrics = smooth(new BufferedImage(1, 1, BufferedImage.TYPE_3BYTE_BGR).createGraphics())
                .getFontMetrics(font);
    }

    static Lettering plain(int pixels) {
        return of(Font.PLAIN, pixels);
    }

    static Lettering bold(int pixels) {
        return of(Font.BOLD, pixels);
    }

    /** The font system fails with errors of many kinds where no font is installed. */
    private static Lettering of(int style, int pixels) {
        try {
            return new Lettering(new Font(Font.SANS_SERIF, style, pixels));
        } catch (RuntimeException | LinkageError | InternalError e) {
            throw new IllegalStateException(
                    "text cannot be drawn: install fontconfig and a font, such as the package fonts-dejavu-core", e);
        }
    }

    /** Switches on smooth edges, for lines and text alike. */
    static Graphics2D smooth(Graphics2D graphics) {
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        return graphics;
    }

    Font font() {
        return font;
    }

    int width(String text) {
        return metrics.stringWidth(text);
    }

    /** Distance between the baselines of two lines. */
    int lineHeight() {
        return metrics.getAscent() + metrics.getDescent();
    }

    /** The text, or as much of its beginning as fits a width, with an ellipsis. */
    String fit(String text, int maxWidth) {
        if (width(text) <= maxWidth) {
            return text;
        }
        int length = text.length();
        while (length > 0 && width(text.substring(0, length).stripTrailing() + ELLIPSIS) > maxWidth) {
            length--;
        }
        return text.substring(0, length).stripTrailing() + ELLIPSIS;
    }

    /** Draws a line of text whose left end is x and whose vertical middle is y. */
    void draw(Graphics2D graphics, String text, int x, int middle) {
        graphics.setFont(font);
        graphics.drawString(text, x, middle + (metrics.getAscent() - metrics.getDescent()) / 2);
    }
}
