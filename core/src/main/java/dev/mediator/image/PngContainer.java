package dev.mediator.image;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.InflaterInputStream;
import javax.imageio.IIOException;

/**
 * The chunks of a PNG file (PNG, third edition). The decoder gets those that decide the samples, and no others: it would
 * trip over damaged text or profiles, which change nothing.
 *
 * @param samples a PNG file of the same samples
 * @param damage what to say if the samples cannot be decoded
 * @param orientation what turns the picture upright, from the chunk eXIf or the text "Raw profile type exif" before it
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared
record PngContainer(byte[] samples, String damage, Orientation orientation) {
    static final String SIGNATURE = "\u0089PNG\r\n\u001a\n";

    private static final int GREY = 0;
    private static final int PALETTE = 3;
    private static final int MAX_PROFILE = 1 << 20;

    /**
     * Takes a file apart.
     *
     * @throws IIOException if it is cut, even if only its end chunk is missing
     */
    static PngContainer parse(byte[] file) throws IIOException {
        Chunks chunks = new Chunks();
        ByteBuffer in = ByteBuffer.wrap(file).position(SIGNATURE.length());
        String type = "";
        while (!type.equals("IEND")) {
            int length = in.remaining() < 8 ? -1 : in.getInt();
            if (length < 0 || length > in.remaining() - 8) { // type and checksum
                throw new IIOException("it is truncated: its "
                        + (chunks.hasSamples() ? "last bytes, with the end chunk IEND, are" : "picture is")
                        + " not there");
            }
            byte[] name = new byte[4];
            in.get(name);
            type = new String(name, StandardCharsets.ISO_8859_1);
            chunks.add(type, file, in.position(), length);
            in.position(in.position() + length + 4);
        }
        return new PngContainer(
                chunks.file(), chunks.damage(), chunks.exif == Orientation.NONE ? chunks.profile : chunks.exif);
    }

    /** Chunks that were found so far. */
    private static final class Chunks {
        private byte[] header = new byte[0];
        private byte[] palette = new byte[0];
        private byte[] transparency = new byte[0];
        private String damaged = "";
        private final ByteArrayOutputStream data = new ByteArrayOutputStream();
        private Orientation exif = Orientation.NONE;
        private Orientation profile = Orientation.NONE;

        void add(String type, byte[] file, int from, int length) {
            if (damaged.isEmpty() && Character.isUpperCase(type.charAt(0))) { // a chunk that decides samples
                CRC32 checksum = new CRC32();
                checksum.update(file, from - 4, length + 4);
                int stored = ByteBuffer.wrap(file).getInt(from + length);
                damaged = (int) checksum.getValue() == stored ? "" : type;
            }
            switch (type) {
                case "IHDR" -> header = copy(file, from, length);
                case "PLTE" -> palette = copy(file, from, length);
                case "tRNS" -> transparency = copy(file, from, length);
                case "IDAT" -> data.write(file, from, length);
                case "eXIf" -> exif = Exif.orientation(file, from, length);
                case "tEXt", "zTXt" -> addText(type, file, from, length);
                default -> {} // decides no sample
            }
        }

        /** Wrong checksums alone refuse no file: others read it, too. */
        String damage() {
            return "it is damaged: "
                    + (damaged.isEmpty()
                            ? "its samples cannot be unpacked"
                            : "the checksum of its chunk " + damaged + " is wrong");
        }

        boolean hasSamples() {
            return data.size() > 0;
        }

        private void addText(String type, byte[] file, int from, int length) {
            String content = new String(file, from, length, StandardCharsets.ISO_8859_1);
            for (String keyword : new String[] {"Raw profile type exif\0", "Raw profile type APP1\0"}) {
                if (content.startsWith(keyword)) {
                    int start = keyword.length();
                    profile = type.equals("tEXt")
                            ? orientation(content.substring(start))
                            : orientation(inflated(file, from + start + 1, length - start - 1)); // behind the method
                }
            }
        }

        /** ImageMagick's text of a profile: its name, the number of its bytes, and these in hexadecimal digits. */
        private static Orientation orientation(String text) {
            String[] words = text.strip().split("\n", 3);
            try {
                byte[] exif = HexFormat.of().parseHex(words.length < 3 ? "" : words[2].replaceAll("\\s", ""));
                return Exif.orientation(exif, 0, exif.length);
            } catch (IllegalArgumentException e) {
                return Orientation.NONE; // like other damaged EXIF data
            }
        }

        private static String inflated(byte[] file, int from, int length) {
            if (length < 0) {
                return "";
            }
            try (var in = new InflaterInputStream(new ByteArrayInputStream(file, from, length))) {
                return new String(in.readNBytes(MAX_PROFILE), StandardCharsets.ISO_8859_1);
            } catch (IOException e) {
                return "";
            }
        }

        private static byte[] copy(byte[] file, int from, int length) {
            return Arrays.copyOfRange(file, from, from + length);
        }

        /** A file of these chunks. */
        byte[] file() throws IIOException {
            if (header.length != 13) {
                throw new IIOException("its header is damaged");
            }
            ByteBuffer size = ByteBuffer.wrap(header);
            if (size.getInt(0) <= 0 || size.getInt(4) <= 0) {
                throw new IIOException("it has " + Integer.toUnsignedString(size.getInt(0)) + "×"
                        + Integer.toUnsignedString(size.getInt(4)) + " pixels, allowed is 1×1 or more");
            }
            JavaDecoder.requireFewPixels(size.getInt(0), size.getInt(4));
            if (header[9] == GREY && header[8] < 8 && transparency.length == 2) {
                becomePalette();
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream(data.size() + palette.length + 128);
            out.writeBytes(SIGNATURE.getBytes(StandardCharsets.ISO_8859_1));
            write(out, "IHDR", header);
            if (palette.length > 0) {
                write(out, "PLTE", palette);
            }
            if (transparency.length > 0) {
                write(out, "tRNS", transparency);
            }
            write(out, "IDAT", data.toByteArray());
            write(out, "IEND", new byte[0]);
            return out.toByteArray();
        }

        /** Java's decoder overlooks the transparent grey of fewer than 8 bits, but not that of a palette. */
        private void becomePalette() {
            int colours = 1 << header[8];
            int transparent = ((transparency[0] & 0xff) << 8) | (transparency[1] & 0xff);
            header[9] = PALETTE;
            palette = new byte[3 * colours];
            transparency = new byte[colours];
            for (int i = 0; i < colours; i++) {
                Arrays.fill(palette, 3 * i, 3 * i + 3, (byte) (i * 255 / (colours - 1)));
                transparency[i] = (byte) (i == transparent ? 0 : 255);
            }
        }

        private static void write(ByteArrayOutputStream out, String type, byte[] content) {
            byte[] typed = ByteBuffer.allocate(4 + content.length)
                    .put(type.getBytes(StandardCharsets.ISO_8859_1))
                    .put(content)
                    .array();
            CRC32 checksum = new CRC32();
            checksum.update(typed);
            out.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
            out.writeBytes(typed);
            out.writeBytes(
                    ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
        }
    }
}
