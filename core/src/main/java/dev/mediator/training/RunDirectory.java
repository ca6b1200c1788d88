package dev.mediator.training;

import dev.mediator.file.FolderLock;
import dev.mediator.file.WholeFile;
import dev.mediator.image.LinePlot;
import dev.mediator.image.PngFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a training keeps what it makes: {@code config.json}, {@code data.json}, {@code log.jsonl}, {@code loss.png}, {@code samples/},
 * {@code checkpoints/step-*.safetensors} and, at the end, {@code model.safetensors} or {@code codec/}.
 *
 * @param path the directory
 */
public record RunDirectory(Path path) {
    private static final Pattern CHECKPOINT = Pattern.compile("step-(\\d{1,18})\\.safetensors");
    private static final Pattern OWN =
            Pattern.compile("config\\.json|log\\.jsonl|loss\\.png|model\\.safetensors|step-\\d+\\.(safetensors|png)");
    private static final JsonMapper JSON = new JsonMapper();

    /** The configuration of the run. */
    public Path config() {
        return path.resolve("config.json");
    }

    /** What the data of the run are, to notice changes. */
    public Path data() {
        return path.resolve("data.json");
    }

    /** One JSON object per line and log interval. */
    public Path log() {
        return path.resolve("log.jsonl");
    }

    /** The plot of the loss. */
    public Path lossPlot() {
        return path.resolve("loss.png");
    }

    /** The finished network: averaged weights only. */
    public Path model() {
        return path.resolve("model.safetensors");
    }

    /** The finished autoencoder, where one is trained. */
    public Path codec() {
        return path.resolve("codec");
    }

    /** The sheet of samples drawn after a number of updates. */
    public Path sampleSheet(long step) {
        return path.resolve("samples").resolve(String.format(Locale.ROOT, "step-%08d.png", step));
    }

    /** Whether samples are to be drawn after a number of updates, and have not been. */
    boolean isSampleSheetDue(long step, int every) {
        return every > 0 && step > 0 && step % every == 0 && Files.notExists(sampleSheet(step));
    }

    /** The checkpoint after a number of updates. */
    public Path checkpoint(long step) {
        return path.resolve("checkpoints").resolve(String.format(Locale.ROOT, "step-%08d.safetensors", step));
    }

    /** True if a training has been here, that is, there is something to go on from. */
    public boolean isUsed() throws IOException {
        return Files.exists(config()) || !checkpoints().isEmpty();
    }

    /** True if a training would be lost if another one began here: more is there than a configuration. */
    public boolean holdsUpdates() throws IOException {
        return isUsed()
                && (!readLog().isEmpty() || !checkpoints().isEmpty() || Files.exists(model()) || Files.exists(codec()));
    }

    /** What opens a training, which then holds the lock. */
    @FunctionalInterface
    interface Opening<T> {
        T open(FolderLock lock) throws IOException;
    }

    /**
     * Begins a training. Its configuration is stored first: from there on it can be resumed, whatever happens. What a training
     * has left that ended before its first update is replaced. If the training cannot be opened, the directory is unused again.
     *
     * @param command what others are told who want to write here meanwhile
     * @throws IOException if the directory holds a training, or somebody writes there
     */
    <T> T begin(String command, String config, Opening<T> opening) throws IOException {
        return locked(command, lock -> {
            if (holdsUpdates()) {
                throw new IOException(path + " holds a training already; resume it or choose another directory");
            }
            WholeFile.write(config(), config);
            try {
                return opening.open(lock);
            } catch (CancellationException e) {
                throw e; // to be resumed
            } catch (IOException | RuntimeException | Error e) {
                Files.deleteIfExists(config());
                Files.deleteIfExists(data());
                throw e;
            }
        });
    }

    /**
     * Goes on with a training.
     *
     * @throws IOException if the directory holds none, or somebody writes there
     */
    <T> T goOn(String command, Opening<T> opening) throws IOException {
        if (!isUsed()) {
            throw new IOException(path + " holds no training to resume: "
                    + (Files.exists(path)
                            ? "there is neither a config.json nor a checkpoints/step-*.safetensors"
                            : "there is no such folder"));
        }
        return locked(command, lock -> {
            deleteLeftovers();
            return opening.open(lock);
        });
    }

    private <T> T locked(String command, Opening<T> opening) throws IOException {
        FolderLock lock = FolderLock.ofFolder(path, command);
        boolean opened = false;
        try {
            T training = opening.open(lock);
            opened = true;
            return training;
        } finally {
            if (!opened) {
                lock.close();
            }
        }
    }

    /** Deletes files that a killed process has not finished. */
    private void deleteLeftovers() throws IOException {
        for (Path folder :
                List.of(path, checkpoint(0).getParent(), sampleSheet(0).getParent())) {
            WholeFile.deleteLeftovers(folder, OWN);
        }
    }

    /** All checkpoints, oldest first. */
    public List<Path> checkpoints() throws IOException {
        Path folder = path.resolve("checkpoints");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(
                            f -> CHECKPOINT.matcher(f.getFileName().toString()).matches())
                    .sorted(Comparator.comparingLong(RunDirectory::stepOf))
                    .toList();
        }
    }

    /** The number of updates in a checkpoint's file name, −1 if the file is not a checkpoint. */
    public static long stepOf(Path checkpoint) {
        Matcher matcher = CHECKPOINT.matcher(checkpoint.getFileName().toString());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
    }

    /** The newest checkpoint. */
    public Optional<Path> latestCheckpoint() throws IOException {
        return checkpointBefore(Long.MAX_VALUE);
    }

    /** The newest checkpoint of fewer updates than these. */
    Optional<Path> checkpointBefore(long step) throws IOException {
        return checkpoints().stream().filter(file -> stepOf(file) < step).reduce((older, newer) -> newer);
    }

    /** Deletes all checkpoints but the newest {@code keep}. */
    void prune(int keep) throws IOException {
        List<Path> all = checkpoints();
        for (Path old : all.subList(0, Math.max(0, all.size() - keep))) {
            Files.delete(old);
        }
    }

    /** Adds a line to the log. */
    void appendLog(LogEntry entry) throws IOException {
        WholeFile.append(log(), JSON.writeValueAsString(entry) + "\n");
    }

    /** The log so far, without lines that are damaged. */
    public List<LogEntry> readLog() throws IOException {
        return logLines().values().stream().flatMap(Optional::stream).toList();
    }

    /**
     * The numbers of damaged lines of the log, from 1. A last line that was cut off does not count: a process that was killed leaves one.
     */
    public List<Integer> damagedLogLines() throws IOException {
        List<Integer> damaged = new ArrayList<>();
        List<Integer> since = new ArrayList<>();
        logLines().forEach((number, entry) -> {
            since.add(number);
            if (entry.isPresent()) {
                since.remove(number);
                damaged.addAll(since);
                since.clear();
            }
        });
        damaged.addAll(since.subList(0, Math.max(0, since.size() - 1)));
        return damaged;
    }

    /** What to tell a user of {@link #damagedLogLines}; empty if there are none. */
    public Optional<String> logDamage() throws IOException {
        List<Integer> damaged = damagedLogLines();
        return damaged.isEmpty()
                ? Optional.empty()
                : Optional.of(log() + " is damaged in " + (damaged.size() == 1 ? "line " : "lines ")
                        + String.join(
                                ", ", damaged.stream().map(String::valueOf).toList()) + ": left out");
    }

    /** Line number → entry; empty where a line is damaged. */
    private Map<Integer, Optional<LogEntry>> logLines() throws IOException {
        Map<Integer, Optional<LogEntry>> lines = new LinkedHashMap<>();
        if (Files.exists(log())) {
            // A machine that crashed may leave bytes that are not text: decode them leniently, JSON refuses them below.
            String text = new String(Files.readAllBytes(log()), StandardCharsets.UTF_8);
            int number = 0;
            for (String line : text.lines().toList()) {
                number++;
                if (!line.isBlank()) {
                    lines.put(number, entry(line));
                }
            }
        }
        return lines;
    }

    /** Lines of earlier versions do not tell how many processes there were: one. */
    private static Optional<LogEntry> entry(String line) {
        try {
            JsonNode tree = JSON.readTree(line);
            if (tree instanceof ObjectNode object && !object.has("processes")) {
                object.put("processes", 1);
            }
            return Optional.ofNullable(JSON.treeToValue(tree, LogEntry.class));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /** Draws the loss so far. */
    void plotLoss() throws IOException {
        List<LogEntry> entries = readLog();
        if (!entries.isEmpty()) {
            double[] steps = entries.stream().mapToDouble(LogEntry::step).toArray();
            double[] losses = entries.stream().mapToDouble(LogEntry::loss).toArray();
            LinePlot plot =
                    LinePlot.of("Training loss", "updates", "loss", List.of(LinePlot.Curve.of("loss", steps, losses)));
            PngFile.write(lossPlot(), plot.withLogarithmicY().draw());
        }
    }

    /**
     * Drops log lines after a number of updates, which are made again, and damaged lines.
     *
     * @param notes hears of damaged lines
     */
    void truncateLog(long step, Consumer<String> notes) throws IOException {
        logDamage().ifPresent(notes);
        StringBuilder kept = new StringBuilder();
        for (LogEntry entry : readLog()) {
            if (entry.step() <= step) {
                kept.append(JSON.writeValueAsString(entry)).append('\n');
            }
        }
        WholeFile.write(log(), kept.toString());
    }
}
