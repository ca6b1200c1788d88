import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Leaves of a library's code for cards only that of certain ones: java KeepCards.java LIBRARY CAPABILITIES.
 *
 * <p>Libraries hold the same code once for each generation of cards, compressed, in containers of entries ("fat binaries"); a
 * program loads the entry for the card that is there. Here entries of other cards are taken out of their containers, which stay
 * where they are; what becomes free is filled with zeros, which pack to nothing. Capabilities are such as 9.0 or 8.0,9.0; a card of
 * 8.9 runs the code for 8.0 if there is none nearer.
 *
 * <p>A container: magic number, version (2 bytes), length of this header (2), length of what follows (8). An entry: kind (2
 * bytes), version (2), length of this header (4), length of what follows (8), and at byte 28 the capability times ten (4).
 */
public final class KeepCards {
    private static final int MAGIC = 0xBA55ED50;
    private static final int CONTAINER_HEADER = 16;
    private static final int CAPABILITY = 28;
    private static final int ALIGNMENT = 8;

    private record Entry(int start, int length, int capability) {}

    private KeepCards() {}

    public static void main(String[] args) {
        try {
            keep(args);
        } catch (IOException e) {
            System.err.println("KeepCards: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void keep(String[] args) throws IOException {
        Set<Integer> cards = Arrays.stream(args[1].split(","))
                .map(capability -> Integer.parseInt(capability.strip().replace(".", "")))
                .collect(Collectors.toSet());
        try (FileChannel file =
                FileChannel.open(Path.of(args[0]), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer bytes = file.map(FileChannel.MapMode.READ_WRITE, 0, file.size());
            bytes.order(ByteOrder.LITTLE_ENDIAN);
            int containers = 0;
            for (int at = 0; at + CONTAINER_HEADER <= bytes.limit(); at += ALIGNMENT) {
                if (bytes.getInt(at) != MAGIC) {
                    continue;
                }
                List<Entry> entries = entries(bytes, at);
                if (!entries.isEmpty()) {
                    at += reduce(bytes, at, entries, cards);
                    containers++;
                }
            }
            bytes.force();
            if (containers == 0) {
                throw new IOException(args[0] + " has no code for cards");
            }
        }
    }

    /** The entries of a container; empty if this is none. */
    private static List<Entry> entries(MappedByteBuffer bytes, int container) {
        long length = bytes.getLong(container + 8);
        if (bytes.getShort(container + 4) != 1
                || bytes.getShort(container + 6) != CONTAINER_HEADER
                || length <= 0
                || container + CONTAINER_HEADER + length > bytes.limit()) {
            return List.of();
        }
        List<Entry> entries = new ArrayList<>();
        int end = container + CONTAINER_HEADER + (int) length;
        int at = container + CONTAINER_HEADER;
        while (at < end) {
            long size = bytes.getInt(at + 4) + bytes.getLong(at + 8);
            if (size <= CAPABILITY || at + size > end) {
                return List.of();
            }
            entries.add(new Entry(at, (int) size, bytes.getInt(at + CAPABILITY)));
            at += (int) size;
        }
        return entries;
    }

    /** Moves the kept entries together; returns the length that the container had. */
    private static int reduce(MappedByteBuffer bytes, int container, List<Entry> entries, Set<Integer> cards)
            throws IOException {
        NavigableSet<Integer> there =
                entries.stream().map(Entry::capability).collect(Collectors.toCollection(TreeSet::new));
        Set<Integer> kept = new TreeSet<>();
        for (int card : cards) {
            Integer nearest = there.floor(card);
            if (nearest == null || nearest / 10 != card / 10) {
                throw new IOException("no code for a card of capability " + card / 10 + "." + card % 10
                        + ", there is code for these, times ten: " + there);
            }
            kept.add(nearest);
        }
        List<Entry> chosen =
                entries.stream().filter(entry -> kept.contains(entry.capability())).toList();
        int end = entries.get(entries.size() - 1).start() + entries.get(entries.size() - 1).length();
        int at = container + CONTAINER_HEADER;
        for (Entry entry : chosen) {
            byte[] moved = new byte[entry.length()];
            bytes.get(entry.start(), moved);
            bytes.put(at, moved);
            at += moved.length;
        }
        bytes.putLong(container + 8, at - container - CONTAINER_HEADER);
        bytes.put(at, new byte[end - at]);
        return end - container - ALIGNMENT;
    }
}
