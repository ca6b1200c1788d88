package dev.mediator.checkpoint.pickle;

/** Text from a file as it may stand in a message: short, on one line, without control characters. */
public final class Quoted {
    private static final int LONGEST = 120;

    private Quoted() {}

    /** The text with anything unprintable as {@code ?}, cut off after 120 characters. */
    public static String of(String text) {
        return text.length() <= LONGEST ? line(text) : line(text.substring(0, LONGEST)) + '…';
    }

    /** The whole text on one line, with anything unprintable as {@code ?}. */
    public static String line(String text) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            shown.append(c < ' ' || (c >= 0x7f && c < 0xa0) || isInvisible(c) ? '?' : c);
        }
        return shown.toString();
    }

    /** Such as the characters that reverse the direction of writing, and halves of characters. */
    private static boolean isInvisible(char c) {
        int type = Character.getType(c);
        return type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR
                || type == Character.SURROGATE;
    }
}
