package dev.mediator.app.cli;

import dev.mediator.app.cli.console.Interruption;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One in-process run of the program, for tests.
 *
 * @param exitCode what the process would exit with
 * @param out all of stdout
 * @param err stderr, without what is said only where the machine is slow
 */
public record CliRun(int exitCode, String out, String err) {
    private static final JsonMapper JSON = new JsonMapper();

    public static CliRun of(Object... args) {
        return of(new Interruption(Duration.ZERO), args);
    }

    /** The same, with a way to interrupt it. */
    public static CliRun of(Interruption interruption, Object... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] words = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
        int exitCode = Cli.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                interruption,
                words);
        return new CliRun(
                exitCode,
                out.toString(StandardCharsets.UTF_8),
                ProcessRun.withoutWaiting(err.toString(StandardCharsets.UTF_8)));
    }

    /** Stdout as the one JSON object that it must be. */
    public JsonNode json() {
        JsonNode node = JSON.readTree(out);
        if (!node.isObject()) {
            throw new AssertionError("stdout is no JSON object: " + out);
        }
        return node;
    }
}
