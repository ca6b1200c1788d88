package dev.mediator.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
    @TempDir
    private Path folder;

    private final List<String> notes = new ArrayList<>();
    private RunDirectory run;

    @BeforeEach
    void makeRun() throws IOException {
        run = new RunDirectory(folder.resolve("run"));
        Files.createDirectories(run.path());
    }

    @Test
    void itIsUsedOnceThereIsAConfiguration() throws IOException {
        assertThat(run.isUsed()).isFalse();
        WholeFile.write(run.config(), "{}");
        assertThat(run.isUsed()).isTrue();
        assertThat(run.path().toFile().list()).containsExactly("config.json");
    }

    @Test
    void aCheckpointIsEnoughToBeUsed() throws IOException {
        touch(20);
        assertThat(run.isUsed()).isTrue();
        assertThat(run.holdsUpdates()).isTrue();
    }

    @Test
    void aNumberOfUpdatesThatIsNoneIsNoCheckpoint() throws IOException {
        touch(20);
        Files.createFile(run.checkpoint(20).resolveSibling("step-99999999999999999999.safetensors"));
        assertThat(run.checkpoints()).containsExactly(run.checkpoint(20));
    }

    @Test
    void checkpointsAreOrderedByStepAndOthersIgnored() throws IOException {
        assertThat(run.checkpoints()).isEmpty();
        assertThat(run.latestCheckpoint()).isEmpty();
        touch(500, 20, 123_456_789, 99_999_999);
        Files.createFile(run.checkpoint(600).resolveSibling("step-00000600.safetensors.tmp"));
        Files.createFile(run.checkpoint(600).resolveSibling("best.safetensors"));

        assertThat(run.checkpoints())
                .containsExactly(
                        run.checkpoint(20),
                        run.checkpoint(500),
                        run.checkpoint(99_999_999),
                        run.checkpoint(123_456_789));
        assertThat(run.latestCheckpoint()).contains(run.checkpoint(123_456_789));
    }

    /** Some languages write numbers with digits of their own, which the reader would not find again. */
    @Test
    void fileNamesDoNotDependOnTheLanguage() throws IOException {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertThat(run.checkpoint(7).getFileName()).hasToString("step-00000007.safetensors");
            assertThat(run.sampleSheet(7).getFileName()).hasToString("step-00000007.png");
            touch(7);
            assertThat(run.latestCheckpoint()).isPresent();
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void pruningKeepsTheNewest() throws IOException {
        touch(10, 20, 30, 40);
        run.prune(2);
        assertThat(run.checkpoints()).containsExactly(run.checkpoint(30), run.checkpoint(40));
        run.prune(5);
        assertThat(run.checkpoints()).hasSize(2);
    }

    @Test
    void theLogGoesRound() throws IOException {
        assertThat(run.readLog()).isEmpty();
        run.appendLog(entry(20));
        run.appendLog(entry(40));
        assertThat(run.readLog()).containsExactly(entry(20), entry(40));
    }

    @Test
    void aLineThatWasCutOffIsDropped() throws IOException {
        run.appendLog(entry(20));
        run.appendLog(entry(40));
        String log = Files.readString(run.log());
        Files.writeString(run.log(), log.substring(0, log.length() - 9));
        assertThat(run.readLog()).containsExactly(entry(20));

        run.truncateLog(1000, notes::add);
        run.appendLog(entry(60));
        assertThat(run.readLog()).containsExactly(entry(20), entry(60));
    }

    @Test
    void aDamagedLineInTheMiddleIsToldAndTheOthersStay() throws IOException {
        run.appendLog(entry(20));
        run.appendLog(entry(40));
        run.appendLog(entry(60));
        List<String> lines = Files.readAllLines(run.log());
        Files.writeString(run.log(), lines.get(0) + "\n" + lines.get(1).substring(3) + "\n" + lines.get(2) + "\n{\"st");
        assertThat(run.readLog()).containsExactly(entry(20), entry(60));
        assertThat(run.damagedLogLines()).containsExactly(2);

        run.truncateLog(1000, notes::add);
        assertThat(notes).containsExactly(run.log() + " is damaged in line 2: left out");
        assertThat(run.logDamage()).isEmpty();
        assertThat(run.readLog()).containsExactly(entry(20), entry(60));
    }

    @Test
    void linesAfterTheCheckpointAreDropped() throws IOException {
        for (int step = 10; step <= 50; step += 10) {
            run.appendLog(entry(step));
        }
        run.truncateLog(30, notes::add);
        assertThat(run.readLog()).extracting(LogEntry::step).containsExactly(10L, 20L, 30L);
        run.truncateLog(0, notes::add);
        assertThat(run.readLog()).isEmpty();
    }

    /** What a crash of the machine may leave: empty lines and zero bytes. */
    @Test
    void rubbishInTheLogIsWhereItEnds() throws IOException {
        run.appendLog(entry(10));
        Files.writeString(run.log(), "\n\n", StandardOpenOption.APPEND);
        run.appendLog(entry(20));
        Files.write(run.log(), new byte[] {0, 0, (byte) 0xff, (byte) 0xfe}, StandardOpenOption.APPEND);
        assertThat(run.readLog()).extracting(LogEntry::step).containsExactly(10L, 20L);
        run.truncateLog(15, notes::add);
        assertThat(run.readLog()).containsExactly(entry(10));
    }

    /** Lines of versions before trainings were shared. */
    @Test
    void linesThatDoNotTellTheNumberOfProcessesAreOfOne() throws IOException {
        run.appendLog(entry(10));
        Files.writeString(run.log(), Files.readString(run.log()).replace("\"processes\":1,", ""));
        assertThat(Files.readString(run.log())).doesNotContain("processes");
        assertThat(run.readLog()).containsExactly(entry(10));
    }

    @Test
    void everyFileHasItsPlace() {
        assertThat(List.of(run.config(), run.log(), run.lossPlot(), run.model()))
                .extracting(path -> run.path().relativize(path).toString())
                .containsExactly("config.json", "log.jsonl", "loss.png", "model.safetensors");
    }

    private void touch(long... steps) throws IOException {
        for (long step : steps) {
            Files.createDirectories(run.checkpoint(step).getParent());
            Files.createFile(run.checkpoint(step));
        }
    }

    private static LogEntry entry(long step) {
        return new LogEntry(step, 0.5, 1.25, 0.75, 1e-4, 30, 200, 1, 2.5);
    }
}
