package dev.mediator.image;

/** How lossless WebP changes pixels before it codes them (RFC 9649, section 3.5), and what undoes it. */
sealed interface WebpTransform {
    /** Columns of the pixels that are stored. */
    int storedWidth();

    /** The pixels before the change; may reuse the array. */
    int[] undo(int[] stored);

    /** The sum of two pixels, channel by channel, modulo 256. */
    static int add(int a, int b) {
        return (((a & 0xff00ff00) + (b & 0xff00ff00)) & 0xff00ff00)
                | (((a & 0x00ff00ff) + (b & 0x00ff00ff)) & 0x00ff00ff);
    }

    /** Red and blue are stored less green. */
    record AddGreen(int storedWidth) implements WebpTransform {
        @Override
        public int[] undo(int[] stored) {
            for (int i = 0; i < stored.length; i++) {
                int green = (stored[i] >> 8) & 0xff;
                stored[i] = add(stored[i], (green << 16) | green);
            }
            return stored;
        }
    }

    /** Numbers of colours are stored as green, several in a pixel if there are few; those outside are transparent. */
    @SuppressWarnings("ArrayRecordComponent") // internal, never compared
    record Palette(int width, int height, int[] colours) implements WebpTransform {
        private int packing() {
            return colours.length <= 2 ? 3 : colours.length <= 4 ? 2 : colours.length <= 16 ? 1 : 0;
        }

        @Override
        public int storedWidth() {
            return (width + (1 << packing()) - 1) >> packing();
        }

        @Override
        public int[] undo(int[] stored) {
            int[] pixels = new int[width * height];
            int bits = 8 >> packing();
            int inPixel = (1 << packing()) - 1;
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int packed = (stored[y * storedWidth() + (x >> packing())] >> 8) & 0xff;
                    int number = (packed >> ((x & inPixel) * bits)) & ((1 << bits) - 1);
                    pixels[y * width + x] = number < colours.length ? colours[number] : 0;
                }
            }
            return pixels;
        }
    }

    /** Red and blue are stored less a share of green, blue less one of red, by block. */
    @SuppressWarnings("ArrayRecordComponent") // internal, never compared
    record AddColours(int storedWidth, int height, int bits, int columns, int[] blocks) implements WebpTransform {
        @Override
        public int[] undo(int[] stored) {
            for (int i = 0; i < stored.length; i++) {
                int shares = blocks[((i / storedWidth) >> bits) * columns + ((i % storedWidth) >> bits)];
                int green = stored[i] >> 8;
                int red = (stored[i] >> 16) + share(shares, green);
                int blue = stored[i] + share(shares >> 8, green) + share(shares >> 16, red);
                stored[i] = (stored[i] & 0xff00ff00) | ((red & 0xff) << 16) | (blue & 0xff);
            }
            return stored;
        }

        private static int share(int factor, int colour) {
            return ((byte) factor * (byte) colour) >> 5;
        }
    }

    /** Pixels are stored less what their neighbours foretell, in a way chosen by block. */
    @SuppressWarnings("ArrayRecordComponent") // internal, never compared
    record Predict(int storedWidth, int height, int bits, int columns, int[] blocks) implements WebpTransform {
        private static final int BLACK = 0xff000000;

        @Override
        public int[] undo(int[] pixels) {
            for (int i = 0; i < pixels.length; i++) {
                int x = i % storedWidth;
                int y = i / storedWidth;
                int way = (blocks[(y >> bits) * columns + (x >> bits)] >> 8) & 15;
                int foretold = i == 0
                        ? BLACK
                        : y == 0 ? pixels[i - 1] : x == 0 ? pixels[i - storedWidth] : foretold(way, pixels, i);
                pixels[i] = add(pixels[i], foretold);
            }
            return pixels;
        }

        private int foretold(int way, int[] pixels, int at) {
            int left = pixels[at - 1];
            int above = pixels[at - storedWidth];
            int aboveLeft = pixels[at - storedWidth - 1];
            int aboveRight = pixels[at - storedWidth + 1]; // of the last column: the first of this row
            return switch (way) {
                case 1 -> left;
                case 2 -> above;
                case 3 -> aboveRight;
                case 4 -> aboveLeft;
                case 5 -> mean(mean(left, aboveRight), above);
                case 6 -> mean(left, aboveLeft);
                case 7 -> mean(left, above);
                case 8 -> mean(aboveLeft, above);
                case 9 -> mean(above, aboveRight);
                case 10 -> mean(mean(left, aboveLeft), mean(above, aboveRight));
                case 11 -> nearer(left, above, aboveLeft);
                case 12 -> plane(left, above, aboveLeft);
                case 13 -> halfPlane(mean(left, above), aboveLeft);
                default -> BLACK;
            };
        }

        private static int mean(int a, int b) {
            return (((a ^ b) & 0xfefefefe) >>> 1) + (a & b); // channel by channel, rounded down
        }

        private static int nearer(int left, int above, int aboveLeft) {
            int difference = 0; // distances of the left pixel from the plane of all three, less those of the one above
            for (int shift = 0; shift < 32; shift += 8) {
                int corner = channel(aboveLeft, shift);
                difference += Math.abs(channel(above, shift) - corner) - Math.abs(channel(left, shift) - corner);
            }
            return difference < 0 ? left : above;
        }

        private static int plane(int left, int above, int aboveLeft) {
            int sum = 0;
            for (int shift = 0; shift < 32; shift += 8) {
                sum |= clamp(channel(left, shift) + channel(above, shift) - channel(aboveLeft, shift)) << shift;
            }
            return sum;
        }

        private static int halfPlane(int mean, int aboveLeft) {
            int sum = 0;
            for (int shift = 0; shift < 32; shift += 8) {
                int value = channel(mean, shift);
                sum |= clamp(value + (value - channel(aboveLeft, shift)) / 2) << shift;
            }
            return sum;
        }

        private static int channel(int pixel, int shift) {
            return (pixel >> shift) & 0xff;
        }

        private static int clamp(int value) {
            return Math.max(0, Math.min(255, value));
        }
    }
}
