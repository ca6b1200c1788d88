package dev.mediator.image;

/**
 * Numbers as colours, from dark violet over green to bright yellow: equal differences look equally large, brightness
 * grows with the number, and colour-blind readers see the same order. The colours are those of viridis (S. van der Walt
 * and N. Smith for matplotlib, 2015, public domain), at nine steps between its ends.
 *
 * @param low the number of the darkest colour, which smaller ones have too
 * @param high the number of the brightest colour, which larger ones have too; above {@code low}
 */
public record ColourScale(double low, double high) {
    private static final int[] COLOURS = {
        0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725
    };

    public ColourScale {
        if (!(low < high && Double.isFinite(low) && Double.isFinite(high))) {
            throw new IllegalArgumentException("the colours go from " + low + " to " + high
                    + ", allowed are finite numbers of which the second is larger");
        }
    }

    /** From 0 to the largest of some numbers; to 1 if none is above 0. */
    public static ColourScale fromZeroTo(double largest) {
        return new ColourScale(0, largest > 0 ? largest : 1);
    }

    /** The colour of a number, 0xRRGGBB. */
    public int rgb(double value) {
        if (Double.isNaN(value)) {
            throw new IllegalArgumentException("a value is NaN, which has no colour");
        }
        double position = Math.max(0, Math.min(1, (value - low) / (high - low))) * (COLOURS.length - 1);
        int below = Math.min(COLOURS.length - 2, (int) position);
        double fraction = position - below;
        int mixed = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int from = COLOURS[below] >> shift & 0xff;
            int to = COLOURS[below + 1] >> shift & 0xff;
            mixed |= (int) Math.round(from + fraction * (to - from)) << shift;
        }
        return mixed;
    }

    /**
     * A picture with a pixel per number.
     *
     * @param values row by row
     */
    public Picture picture(int width, int height, float... values) {
        if (values.length != (long) width * height) {
            throw new IllegalArgumentException(
                    values.length + " values are no picture of " + width + "×" + height + " pixels");
        }
        byte[] samples = new byte[3 * values.length];
        for (int i = 0; i < values.length; i++) {
            int rgb = rgb(values[i]);
            samples[3 * i] = (byte) (rgb >> 16);
            samples[3 * i + 1] = (byte) (rgb >> 8);
            samples[3 * i + 2] = (byte) rgb;
        }
        return Picture.owning(width, height, 3, samples);
    }
}
