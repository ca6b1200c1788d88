package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.Quoted;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Shapes;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a .npy array says of itself: a magic string, a version (1, 2 or 3, which differ in the width of the length field and
 * in the text's encoding), and a Python dictionary of element type, order and shape. The dictionary is matched against the
 * one form that numpy writes; nothing is evaluated.
 *
 * @param dtype element type
 * @param shape sizes; empty for a single value
 * @param fortranOrder true if the first axis runs fastest in the file, as in Fortran
 * @param dataStart bytes before the first value
 */
public record NpyHeader(DType dtype, List<Long> shape, boolean fortranOrder, long dataStart) {
    static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int MAX_TEXT_BYTES = 1 << 20;
    private static final int ALIGNMENT = 64;
    private static final Pattern FIELD = Pattern.compile(
            "\\s*'(descr|fortran_order|shape)'\\s*:\\s*('[^']*'|True|False|\\([0-9L,\\s]*\\))\\s*(,|(?=}))\\s*");

    private static final Pattern STRUCTURED = Pattern.compile("'descr'\\s*:\\s*\\[");

    public NpyHeader {
        shape = List.copyOf(shape);
    }

    /** Sizes as an array. */
    public long[] sizes() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /** Bytes of all values. */
    public long dataBytes() {
        return Math.multiplyExact(Shapes.numel(sizes()), dtype.bytes());
    }

    /** Entries along the first axis; 1 for a single value. */
    public long rows() {
        return shape.isEmpty() ? 1 : shape.get(0);
    }

    /** Bytes of one entry along the first axis. */
    public long rowBytes() {
        long[] sizes = sizes();
        long values = Shapes.numel(Arrays.copyOfRange(sizes, Math.min(1, sizes.length), sizes.length));
        return Math.multiplyExact(values, dtype.bytes());
    }

    /**
     * Reads the header at the start of a stream.
     *
     * @param source names the array in messages
     */
    static NpyHeader read(InputStream in, String source) throws IOException {
        ByteBuffer start = take(in, 8, source);
        byte[] magic = new byte[MAGIC.length];
        start.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw malformed(source, "it does not begin as a .npy array does");
        }
        int version = start.get();
        if (version < 1 || version > 3) {
            throw malformed(source, "its version is " + version + ", known are 1 to 3");
        }
        int lengthBytes = version == 1 ? 2 : 4;
        ByteBuffer length = take(in, lengthBytes, source);
        long textBytes =
                version == 1 ? Short.toUnsignedInt(length.getShort()) : Integer.toUnsignedLong(length.getInt());
        if (textBytes > MAX_TEXT_BYTES) {
            throw malformed(source, "it claims a header of " + textBytes + " bytes, allowed are " + MAX_TEXT_BYTES);
        }
        byte[] text = take(in, (int) textBytes, source).array();
        var charset = version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        return parse(new String(text, charset), 8 + lengthBytes + textBytes, source);
    }

    private static NpyHeader parse(String text, long dataStart, String source) throws IOException {
        String dictionary = text.strip();
        if (!dictionary.startsWith("{") || !dictionary.endsWith("}")) {
            throw malformed(source, "its header is not a dictionary");
        }
        if (STRUCTURED.matcher(dictionary).find()) {
            throw malformed(source, "it is a structured array: " + Quoted.of(dictionary));
        }
        Map<String, String> fields = new HashMap<>();
        Matcher field = FIELD.matcher(dictionary);
        int at = 1;
        while (at < dictionary.length() - 1) {
            if (!field.region(at, dictionary.length()).lookingAt()) {
                throw malformed(source, "its header cannot be read: " + Quoted.of(dictionary));
            }
            at = field.end();
            fields.put(field.group(1), field.group(2));
        }
        String descr = fields.getOrDefault("descr", "");
        String shape = fields.getOrDefault("shape", "");
        String order = fields.getOrDefault("fortran_order", "");
        if (descr.isEmpty() || !shape.startsWith("(") || !(order.equals("True") || order.equals("False"))) {
            throw malformed(source, "its header lacks descr, fortran_order or shape: " + Quoted.of(dictionary));
        }
        return checked(elementType(descr, source), sizes(shape, source), order.equals("True"), dataStart, source);
    }

    private static NpyHeader checked(DType dtype, List<Long> shape, boolean fortran, long dataStart, String source)
            throws IOException {
        NpyHeader header = new NpyHeader(dtype, shape, fortran, dataStart);
        try {
            Math.addExact(Math.max(header.dataBytes(), header.rowBytes()), dataStart);
            return header;
        } catch (ArithmeticException e) {
            throw malformed(source, "its shape " + shape + " holds more values than any file can", e);
        }
    }

    private static List<Long> sizes(String tuple, String source) throws IOException {
        List<Long> sizes = new ArrayList<>();
        try {
            for (String size : tuple.substring(1, tuple.length() - 1).split(",", -1)) {
                if (!size.isBlank()) {
                    sizes.add(Long.parseLong(size.strip().replaceFirst("L$", ""))); // Python 2 wrote 3L
                }
            }
            return sizes;
        } catch (NumberFormatException e) {
            throw malformed(source, "its shape " + Quoted.of(tuple) + " holds more values than any file can", e);
        }
    }

    /** The types that are read; everything else is refused by its name. */
    private static DType elementType(String descr, String source) throws IOException {
        String name = descr.replace("'", "");
        if (name.contains("O")) {
            throw malformed(source, "it holds pickled Python objects, which are never loaded");
        }
        for (DType dtype : DType.values()) {
            if (dtype != DType.BF16 && descr(dtype).equals(name)) {
                return dtype;
            }
        }
        throw malformed(
                source, "its element type is '" + Quoted.of(name) + "', read are " + supported() + wayOut(name));
    }

    /** How numpy makes a readable array of a number of another kind or byte order; nothing for text and dates. */
    private static String wayOut(String name) {
        String kind = name.replaceFirst("^[<>=|]", "");
        if (!kind.matches("[a-z][0-9]*")) {
            return "";
        }
        String read = kind.startsWith("c")
                ? "real.astype('<f8')"
                : kind.startsWith("f")
                        ? "astype('" + (kind.equals("f4") || kind.equals("f2") ? "<" + kind : "<f8") + "')"
                        : kind.startsWith("i")
                                ? "astype('<" + kind + "')"
                                : kind.startsWith("u") ? "astype('<i8')" : "";
        return read.isEmpty() ? "" : "; in numpy: array." + read;
    }

    private static String supported() {
        return Arrays.stream(DType.values())
                .filter(dtype -> dtype != DType.BF16)
                .map(NpyHeader::descr)
                .collect(Collectors.joining(", "));
    }

    private static String descr(DType dtype) {
        return switch (dtype) {
            case F64 -> "<f8";
            case F32 -> "<f4";
            case F16 -> "<f2";
            case I64 -> "<i8";
            case I32 -> "<i4";
            case I16 -> "<i2";
            case I8 -> "|i1";
            case U8 -> "|u1";
            case BOOL -> "|b1";
            case BF16 -> throw new IllegalArgumentException("numpy has no type for bf16: convert to fp32 first");
        };
    }

    /**
     * The bytes in front of a row-major array, version 1, padded as numpy does.
     *
     * @throws IllegalArgumentException if numpy has no such type
     */
    static byte[] bytesFor(DType dtype, long... shape) {
        String sizes = Arrays.stream(shape).mapToObj(size -> size + ",").collect(Collectors.joining(" "));
        String tuple = shape.length == 1 ? sizes : sizes.replaceFirst(",$", "");
        String text = "{'descr': '" + descr(dtype) + "', 'fortran_order': False, 'shape': (" + tuple + "), }";
        int total = (MAGIC.length + 4 + text.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer buffer = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (total - MAGIC.length - 4));
        buffer.put(text.getBytes(StandardCharsets.ISO_8859_1));
        while (buffer.remaining() > 1) {
            buffer.put((byte) ' ');
        }
        return buffer.put((byte) '\n').array();
    }

    static IOException malformed(String source, String what) {
        return new IOException(source + " is not a usable numpy array: " + Quoted.line(what));
    }

    private static IOException malformed(String source, String what, Throwable cause) {
        return new IOException(source + " is not a usable numpy array: " + Quoted.line(what), cause);
    }

    private static ByteBuffer take(InputStream in, int count, String source) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException(source + " is not a usable numpy array: it ends within its header");
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
