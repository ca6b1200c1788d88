package dev.mediator.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** What fuzzing starts from: the files that the tests of the readers have. */
final class Seeds {
    private static final Path RESOURCES = Path.of("../core/src/test/resources");

    private Seeds() {}

    static void wholeFiles(Path folder) throws IOException {
        for (Path file : files("torch", ".pt", ".safetensors")) {
            write(folder, file, Files.readAllBytes(file));
        }
        Files.writeString(
                folder.resolve("index.json"), "{\"metadata\":{\"a\":1},\"weight_map\":{\"x\":\"y.safetensors\"}}");
    }

    static void pickles(Path folder) throws IOException {
        for (Path file : files("torch", ".pt")) {
            if (file.toString().contains("legacy")) {
                continue;
            }
            try (ZipFile zip = new ZipFile(file.toFile())) {
                Optional<? extends ZipEntry> pickle = zip.stream()
                        .filter(e -> e.getName().endsWith("/data.pkl"))
                        .findFirst();
                if (pickle.isPresent()) { // archives of other kinds have none
                    write(folder, file, zip.getInputStream(pickle.get()).readAllBytes());
                }
            }
        }
    }

    static void headers(Path folder) throws IOException {
        for (Path file : files("torch", ".safetensors")) {
            byte[] bytes = Files.readAllBytes(file);
            int length =
                    (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
            write(folder, file, Arrays.copyOfRange(bytes, 8, 8 + length));
        }
        Files.write(
                folder.resolve("small"),
                "{\"__metadata__\":{\"a\":\"b\"},\"x\":{\"dtype\":\"F32\",\"shape\":[3,4],\"data_offsets\":[0,48]}}"
                        .getBytes(StandardCharsets.UTF_8));
    }

    static void archives(Path folder) throws IOException {
        for (Path file : files("numpy", ".npz")) {
            write(folder, file, Files.readAllBytes(file));
        }
    }

    private static void write(Path folder, Path file, byte[] bytes) throws IOException {
        Files.write(folder.resolve(file.getFileName().toString()), bytes);
    }

    private static List<Path> files(String resources, String... endings) {
        try (Stream<Path> all = Files.list(RESOURCES.resolve(resources))) {
            return all.filter(file -> Stream.of(endings).anyMatch(file.toString()::endsWith))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
