package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Digits, commas, calendars and the letter i of other countries change nothing that is written. */
class LocaleTest {
    private static final String[] LOCALES = {
        "ar-EG-u-nu-arab", "tr-TR", "de-DE", "th-TH-u-ca-buddhist-nu-thai", "fa-IR", "hi-IN-u-nu-deva"
    };

    private final Locale before = Locale.getDefault();

    @TempDir
    private Path folder;

    @AfterEach
    void setBack() {
        Locale.setDefault(before);
    }

    /** What the test relies on: these locales do write numbers otherwise. */
    @Test
    void theLocalesAreOnThisMachine() {
        assertThat(String.format(Locale.forLanguageTag(LOCALES[0]), "%d", 12)).isEqualTo("\u0661\u0662");
        assertThat("I".toLowerCase(Locale.forLanguageTag("tr-TR"))).isEqualTo("\u0131");
        assertThat(String.format(Locale.forLanguageTag("de-DE"), "%.1f", 0.5)).isEqualTo("0,5");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ar-EG-u-nu-arab", "tr-TR", "de-DE", "th-TH-u-ca-buddhist-nu-thai", "fa-IR", "hi-IN-u-nu-deva"})
    void theSameIsWrittenEverywhere(String tag) throws IOException {
        Path model = TinyCheckpoint.write(folder.resolve("tiny.safetensors"));
        Locale.setDefault(Locale.ROOT);
        Map<String, String> expected = written(model, folder.resolve("root"));
        Locale.setDefault(Locale.forLanguageTag(tag));
        Map<String, String> found = written(model, folder.resolve("other"));
        assertThat(found).isEqualTo(expected);
        assertThat(found.keySet())
                .contains("sample/00-boot-seed0.png", "attention/layer-00.png", "shards/s-00001-of-00004.safetensors");
    }

    /** Names of all files, and the texts among them and of the commands. */
    private static Map<String, String> written(Path model, Path out) throws IOException {
        Map<String, String> all = new TreeMap<>();
        said(
                all,
                out,
                "sample",
                "--model",
                model,
                "--points",
                3,
                "--count",
                1,
                "--schedule",
                "FIXED:4@0.5,16",
                "--out",
                out.resolve("sample"));
        said(
                all,
                out,
                "analyze",
                "attention",
                "--model",
                model,
                "--points",
                3,
                "--class",
                "BOOT",
                "--out",
                out.resolve("attention"));
        said(
                all,
                out,
                "analyze",
                "redundancy",
                "--model",
                model,
                "--points",
                3,
                "--samples",
                2,
                "--out",
                out.resolve("redundancy"));
        said(
                all,
                out,
                "analyze",
                "schedules",
                "--model",
                model,
                "--points",
                3,
                "--count",
                2,
                "--out",
                out.resolve("schedules"));
        said(
                all,
                out,
                "compare",
                model,
                "--schedule",
                "static:4",
                "--schedule",
                "FIXED:4@0.5,16",
                "--points",
                5,
                "--count",
                2,
                "--out",
                out.resolve("compare"));
        said(
                all,
                out,
                "tune",
                "--model",
                model,
                "--points",
                4,
                "--calibration",
                2,
                "--held-out",
                1,
                "--out",
                out.resolve("tune"));
        Files.createDirectories(out.resolve("shards"));
        said(all, out, "convert", model, out.resolve("shards/s.safetensors"), "--shard-size", "20kb");
        said(all, out, "info", "--checksum", model);
        said(all, out, "flops", "--preset", "SiT-S/2", "--image-size", 256, "--mediators", "4,FULL");
        said(all, out, "flops", "--preset", "sit-xl/2", "--json");
        try (Stream<Path> files = Files.walk(out)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = out.relativize(file).toString();
                boolean isText = name.matches(".*\\.(json|md|jsonl)");
                all.put(name, isText ? withoutChance(Files.readString(file), out) : "");
            }
        }
        return all;
    }

    private static void said(Map<String, String> all, Path out, Object... args) {
        CliRun run = CliRun.of(args);
        assertThat(run.exitCode()).as(run.err()).isZero();
        all.put("stdout of " + all.size() + " " + args[0], withoutChance(run.out(), out));
    }

    /** Folders and times differ from run to run. */
    private static String withoutChance(String text, Path out) {
        return text.replace(out.toString(), "OUT").replaceAll("[0-9.]+ s\\b", "TIME");
    }
}
