package dev.mediator.file;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One writer for a folder, or for a file. The lock is the system's, on a small hidden file that names the writer for the others: it
 * ends with its process, however that ends, and a file that a killed process has left means nothing.
 *
 * <p>Network file systems lock as well as their servers do; on one that has no locks, such as NFS without its lock service,
 * nothing is locked.
 *
 * <p>Any thread may close it, more than once: it is the process that holds the lock.
 */
public final class FolderLock implements AutoCloseable {
    /** The hidden file of a folder's lock; of a file's, the file's name is in the middle. */
    public static final String NAME = ".mediator.lock";

    private static final int MOST_ABOUT_OWNER = 1000;
    private static final int MOST_PADDING = 4096;

    /** Where the lock is within its file: behind all that is written there, since some systems let nobody read locked bytes. */
    private static final long POSITION = Long.MAX_VALUE - 1;

    /**
     * What this process holds. The system's locks belong to processes, and closing any channel on a file gives up the process's
     * lock on it: a file that is locked here must not even be opened.
     */
    private static final Map<Path, String> HELD = new ConcurrentHashMap<>();

    private final Path file;
    private final @Nullable Path made; // the folder, if it was made for this
    private final @Nullable FileChannel channel; // null where there are no locks
    private boolean released;

    private FolderLock(Path file, @Nullable Path made, @Nullable FileChannel channel) {
        this.file = file;
        this.made = made;
        this.channel = channel;
    }

    /**
     * Locks a folder, which is made if it is not there.
     *
     * @param purpose what is written, for others who come: {@code train}
     * @throws IOException if somebody else writes there, who is named, or the folder cannot be written
     */
    public static FolderLock ofFolder(Path folder, String purpose) throws IOException {
        boolean isNew = !Files.exists(folder);
        WholeFile.makeFolder(folder);
        return take(folder, folder.resolve(NAME), isNew ? folder : null, purpose);
    }

    /** Locks a file that is to be written; its folder is made if it is not there. */
    public static FolderLock ofFile(Path target, String purpose) throws IOException {
        Path folder = WholeFile.folderOf(target);
        boolean isNew = !Files.exists(folder);
        WholeFile.makeFolder(folder);
        return take(target, target.resolveSibling("." + target.getFileName() + NAME), isNew ? folder : null, purpose);
    }

    private static FolderLock take(Path target, Path file, @Nullable Path made, String purpose) throws IOException {
        Path key = WholeFile.folderOf(file).toRealPath().resolve(file.getFileName());
        String owner = owner(purpose);
        @Nullable String holder = HELD.putIfAbsent(key, owner);
        if (holder != null) {
            throw inUse(target, holder);
        }
        boolean taken = false;
        try {
            @Nullable FileChannel channel = lock(target, key, owner);
            taken = true;
            return new FolderLock(key, made, channel);
        } finally {
            if (!taken) {
                HELD.remove(key);
            }
        }
    }

    /** The locked file's channel; null where there are no locks. */
    private static @Nullable FileChannel lock(Path target, Path key, String owner) throws IOException {
        while (true) {
            FileChannel channel = open(target, key);
            boolean keep = false;
            try {
                if (!isLocked(target, channel)) {
                    Files.deleteIfExists(key);
                    return null;
                }
                try {
                    write(channel, owner);
                } catch (IOException e) {
                    Files.deleteIfExists(key);
                    throw CannotWriteException.of(target, e);
                }
                if (isStillThere(key, channel)) {
                    keep = true;
                    return channel;
                }
            } finally {
                if (!keep) {
                    channel.close();
                }
            }
        }
    }

    /** Locks an open file; false where there are no locks. */
    private static boolean isLocked(Path target, FileChannel channel) throws IOException {
        @Nullable FileLock lock;
        try {
            lock = channel.tryLock(POSITION, 1, false);
        } catch (ClosedChannelException e) {
            throw e; // the thread was interrupted
        } catch (IOException e) {
            return false;
        }
        if (lock == null) {
            throw inUse(target, read(channel));
        }
        return true;
    }

    private static FileChannel open(Path target, Path key) throws IOException {
        try {
            return FileChannel.open(key, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (FileSystemException e) {
            throw CannotWriteException.of(target, e);
        }
    }

    /** Names the writer, with so many spaces behind that two writers' files hardly have one size. */
    private static void write(FileChannel channel, String owner) throws IOException {
        String padded = owner + "\n" + " ".repeat((int) (System.nanoTime() % MOST_PADDING)) + "\n";
        channel.truncate(0);
        WholeFile.writeFully(channel, ByteBuffer.wrap(padded.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * False if the writer before has deleted the file between its opening and its locking here: then the name is nobody's, or
     * another file's. That file must not be opened: it may be locked by this process, which would lose it.
     */
    private static boolean isStillThere(Path key, FileChannel channel) throws IOException {
        try {
            return Files.size(key) == channel.size();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static String owner(String purpose) {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "this machine";
        }
        return purpose + " (process " + ProcessHandle.current().pid() + " on " + host + ", since "
                + Instant.now().truncatedTo(ChronoUnit.SECONDS) + ")";
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MOST_ABOUT_OWNER);
        channel.read(bytes, 0);
        String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        return text.isBlank() ? "another process" : text.lines().findFirst().orElse("");
    }

    private static IOException inUse(Path target, String holder) {
        return new IOException(target + " is being written by " + holder + "; wait for it, or choose another place");
    }

    /** Lets others write. A folder that was made for this and is empty goes too. */
    @Override
    public void close() {
        try {
            if (channel != null && channel.isOpen()) {
                Files.deleteIfExists(file); // while it is locked: nobody's but ours
                channel.close();
            }
            if (made != null) {
                Files.deleteIfExists(made);
            }
        } catch (IOException e) {
            // the folder has been used; or what is left of the lock means nothing
        } finally {
            if (!released) {
                released = true;
                HELD.remove(file);
            }
        }
    }
}
