package dev.mediator.app.cli;

import dev.mediator.file.WholeFile;
import dev.mediator.image.Picture;
import dev.mediator.image.PngFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Where the files of one analysis are written, each whole or not at all; those of an earlier one are replaced. */
final class AnalysisFolder {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final Path path;
    private final List<Path> files = new ArrayList<>();

    private AnalysisFolder(Path path) {
        this.path = path;
    }

    /**
     * The folder that was asked for, or one below {@code analysis/} that is named after what is looked at.
     *
     * @param kind what is analysed, such as {@code redundancy}
     * @param subject what is looked at
     * @param options how, besides
     * @throws IOException if it cannot be a folder
     */
    static AnalysisFolder open(@Nullable Path out, String kind, AnalysisSubject subject, Object... options)
            throws IOException {
        String model = subject.model().replaceFirst("\\.safetensors$", "");
        return named(out, model + "-" + kind, List.of(subject, options));
    }

    /**
     * The folder that was asked for, or one below {@code analysis/}.
     *
     * @param name how its name begins; a hash of the settings follows
     * @param settings all that decides what is written
     * @throws IOException if it cannot be a folder
     */
    static AnalysisFolder named(@Nullable Path out, String name, Object settings) throws IOException {
        String hash = "%08x".formatted(JSON.writeValueAsString(settings).hashCode());
        return open(out != null ? out : Path.of("analysis", name + "-" + hash));
    }

    /**
     * A folder.
     *
     * @throws IOException if it cannot be one
     */
    static AnalysisFolder open(Path path) throws IOException {
        requireWritable(path);
        return new AnalysisFolder(path);
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
            throw new IOException(path + " cannot be written: " + existing + " is no folder that can be");
        }
    }

    /** Writes a text. */
    void write(String name, String text) throws IOException {
        Path file = path.resolve(name);
        WholeFile.write(file, text);
        files.add(file);
    }

    /** Writes an object as JSON. */
    void writeJson(String name, Object value) throws IOException {
        write(name, JSON.writeValueAsString(value) + "\n");
    }

    /** Writes a picture. */
    void write(String name, Picture picture) throws IOException {
        Path file = path.resolve(name);
        PngFile.write(file, picture);
        files.add(file);
    }

    Path path() {
        return path;
    }

    /** What was written, in order. */
    List<String> files() {
        return files.stream().map(Path::toString).toList();
    }
}
