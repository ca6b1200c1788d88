package dev.mediator.data;

import dev.mediator.tensor.Cancellation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a data set is: its classes and files, by name, size and content. Where it lies is no part of it, so that a copy elsewhere
 * is the same data.
 *
 * @param kind of the data set: {@code folder}, {@code idx}, {@code latents}
 * @param classes names of the classes, by number
 * @param entries its files, in their order
 * @param source of latents, the {@link #digest} of the images they were made of; null if it is not known, or for images
 */
public record DataIdentity(
        String kind,
        List<String> classes,
        List<Entry> entries,
        @Nullable String source) {
    /** The kind of data that were images and are latents. */
    static final String LATENTS = "latents";

    /** Of each file the first and the last bytes are looked at: a replaced picture differs there. */
    private static final int BLOCK = 1 << 15;

    /** With more files than these, names and sizes have to do: opening them all would take minutes. */
    private static final int MOST_OPENED = 200_000;

    private static final JsonMapper JSON = new JsonMapper();

    /**
     * A file, or a part of the data.
     *
     * @param name in the data set, such as {@code cat/001.png}
     * @param size in bytes
     * @param content hash of its content, empty if that was not looked at
     */
    public record Entry(String name, long size, String content) {
        /** Bytes that are in memory. */
        static Entry of(String name, byte[] bytes) {
            MessageDigest digest = sha256();
            digest.update(bytes);
            return new Entry(name, bytes.length, shortHash(digest));
        }

        /** A file of which only the last bytes count. */
        static Entry ofEnd(String name, Path file) throws IOException {
            MessageDigest digest = sha256();
            try (SeekableByteChannel in = Files.newByteChannel(file)) {
                ByteBuffer block = ByteBuffer.allocate((int) Math.min(in.size(), 2L * BLOCK));
                in.position(in.size() - block.capacity());
                read(in, block);
                digest.update(block.flip());
            }
            return new Entry(name, 0, shortHash(digest));
        }

        /** A file, by its first and last bytes. */
        static Entry of(String name, Path file, boolean open) throws IOException {
            if (!open) {
                return new Entry(name, Files.size(file), "");
            }
            MessageDigest digest = sha256();
            try (SeekableByteChannel in = Files.newByteChannel(file)) {
                long size = in.size();
                ByteBuffer block = ByteBuffer.allocate((int) Math.min(size, 2L * BLOCK));
                read(in, block.limit((int) Math.min(size, BLOCK)));
                if (size > BLOCK) {
                    in.position(Math.max(BLOCK, size - BLOCK));
                    read(in, block.limit(block.capacity()));
                }
                digest.update(block.flip());
                return new Entry(name, size, shortHash(digest));
            }
        }

        private static void read(SeekableByteChannel in, ByteBuffer block) throws IOException {
            while (block.hasRemaining()) {
                if (in.read(block) < 0) {
                    return; // it became shorter meanwhile
                }
            }
        }

        private static String shortHash(MessageDigest digest) {
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        }
    }

    /** The identity of images. */
    DataIdentity(String kind, List<String> classes, List<Entry> entries) {
        this(kind, classes, entries, null);
    }

    public DataIdentity {
        classes = List.copyOf(classes);
        entries = List.copyOf(entries);
    }

    /** The identity of a folder of images per class. */
    static DataIdentity ofFolder(FolderScan scan) throws IOException {
        List<String> names = new ArrayList<>();
        List<Path> files = new ArrayList<>();
        for (FolderScan.ClassFolder one : scan.classes()) {
            for (Path file : one.files()) {
                names.add(one.name() + "/" + file.getFileName());
                files.add(file);
            }
        }
        return new DataIdentity(
                "folder",
                scan.classes().stream().map(FolderScan.ClassFolder::name).toList(),
                ofFiles(names, files));
    }

    /** Files under names of the data set. */
    static List<Entry> ofFiles(List<String> names, List<Path> files) throws IOException {
        boolean open = files.size() <= MOST_OPENED;
        Runnable check = Cancellation.checkOfThisThread();
        try {
            return IntStream.range(0, files.size())
                    .parallel()
                    .mapToObj(i -> {
                        check.run();
                        return entry(names.get(i), files.get(i), open);
                    })
                    .toList();
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    private static Entry entry(String name, Path file, boolean open) {
        try {
            return Entry.of(name, file, open);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The identity of images of which nothing but their labels is known beforehand. */
    static DataIdentity ofLabels(ImageDataset images) {
        ByteBuffer labels = ByteBuffer.allocate(4 * images.size());
        for (int i = 0; i < images.size(); i++) {
            labels.putInt(images.label(i));
        }
        return new DataIdentity("labels", images.classNames(), List.of(Entry.of("labels", labels.array())));
    }

    /** The digest of the images, which latents made of them have too; null if that is not known. */
    @Nullable
    String images() {
        return kind.equals(LATENTS) ? source : digest();
    }

    /** SHA-256 of all of it. */
    public String digest() {
        byte[] json = toJson().getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(sha256().digest(json));
    }

    /** All of it, for {@link #parse}. */
    public String toJson() {
        return JSON.writeValueAsString(this);
    }

    /**
     * Reads what {@link #toJson} gave.
     *
     * @param origin for messages
     */
    public static DataIdentity parse(Path origin, String json) throws IOException {
        try {
            return Objects.requireNonNull(JSON.readValue(json, DataIdentity.class));
        } catch (JacksonException | NullPointerException e) {
            throw new IOException(origin + " is damaged: it does not say what the data were", e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
