package dev.mediator.app.cli.report;

import dev.mediator.app.cli.sample.SampleRecord;
import dev.mediator.file.JsonFile;
import dev.mediator.file.WholeFile;
import dev.mediator.image.Picture;
import dev.mediator.image.PngFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Where the files of one analysis are written, each whole or not at all; those of an earlier one are replaced. */
public final class AnalysisFolder {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private static final String SETTINGS = "settings.json";
    private static final int SHORT_HASH = 16; // digits in a folder's name

    private final Path path;
    private final @Nullable String settings; // that its name has the hash of, and that are written beside the files
    private final List<Path> files = new ArrayList<>();

    private AnalysisFolder(Path path, @Nullable String settings) {
        this.path = path;
        this.settings = settings;
    }

    /**
     * The folder that was asked for, or one below {@code analysis/} that is named after what is looked at.
     *
     * @param kind what is analysed, such as {@code redundancy}
     * @param subject what is looked at
     * @param options how, besides
     * @throws IOException if it cannot be a folder
     */
    public static AnalysisFolder open(@Nullable Path out, String kind, AnalysisSubject subject, Object... options)
            throws IOException {
        String model = subject.model().replaceFirst("\\.safetensors$", "");
        return named(out, model + "-" + kind, List.of(subject, options));
    }

    /**
     * The folder that was asked for, or one below {@code analysis/}.
     *
     * @param name how its name begins; a hash of the settings follows
     * @param settings all that decides what is written; a folder of others is never written to
     * @throws IOException if it cannot be a folder
     */
    public static AnalysisFolder named(@Nullable Path out, String name, Object settings) throws IOException {
        return out != null ? open(out) : below(Path.of("analysis"), name, settings);
    }

    /** A folder of certain settings below another one. */
    static AnalysisFolder below(Path parent, String name, Object settings) throws IOException {
        String json = JSON.writeValueAsString(settings) + "\n";
        String hash = SampleRecord.sha256(json);
        for (int digits = SHORT_HASH; digits < hash.length(); digits += SHORT_HASH) {
            Path path = parent.resolve(name + "-" + hash.substring(0, digits));
            requireWritable(path);
            if (!holdsOther(path.resolve(SETTINGS), json)) {
                return new AnalysisFolder(path, json);
            }
        }
        return open(parent.resolve(name + "-" + hash));
    }

    /** True if a folder of this name belongs to other settings, of which the name has the same hash. */
    private static boolean holdsOther(Path stored, String json) throws IOException {
        return Files.exists(stored)
                && !Arrays.equals(Files.readAllBytes(stored), json.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A folder.
     *
     * @throws IOException if it cannot be one
     */
    public static AnalysisFolder open(Path path) throws IOException {
        requireWritable(path);
        return new AnalysisFolder(path, null);
    }

    /** Before anything is computed: what cannot be written would be lost. */
    private static void requireWritable(Path path) throws IOException {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new IOException(path + " is a file, --out names a folder");
        }
        @Nullable Path existing = path.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
            throw new IOException(path + " cannot be written: " + existing + " is not a folder that can be written");
        }
    }

    /** Writes a text. */
    public void write(String name, String text) throws IOException {
        Path file = prepared(name);
        WholeFile.write(file, text);
        files.add(file);
    }

    /** Writes an object as JSON, with its checksum. */
    public void writeJson(String name, Object value) throws IOException {
        Path file = prepared(name);
        JsonFile.writeSealed(file, JSON.writeValueAsString(value));
        files.add(file);
    }

    /** Writes a picture. */
    public void write(String name, Picture picture) throws IOException {
        Path file = prepared(name);
        PngFile.write(file, picture);
        files.add(file);
    }

    /** Where a file goes; the settings are there before the first one. */
    private Path prepared(String name) throws IOException {
        if (settings != null && files.isEmpty()) {
            WholeFile.write(path.resolve(SETTINGS), settings);
        }
        return path.resolve(name);
    }

    public Path path() {
        return path;
    }

    /** What was written, in order. */
    public List<String> files() {
        return files.stream().map(Path::toString).toList();
    }
}
