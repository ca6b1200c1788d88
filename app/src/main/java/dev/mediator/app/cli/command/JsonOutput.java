package dev.mediator.app.cli.command;

import java.io.PrintStream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes the one JSON object of {@code --json}, indented and with a final newline. */
final class JsonOutput {
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private JsonOutput() {}

    static void print(PrintStream out, Object value) {
        out.println(MAPPER.writeValueAsString(value));
        out.flush();
    }
}
