package dev.mediator.generation;

import dev.mediator.file.JsonFile;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a checkpoint's network was trained for. */
public final class CheckpointTransport {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private CheckpointTransport() {}

    /**
     * Path and prediction of a network. Files that do not say are taken for velocity on the linear path, SiT's default.
     *
     * @param checkpoint where the description is from, for messages
     * @throws IOException if what they say cannot be read
     */
    public static Transport of(SitCheckpoint description, Path checkpoint) throws IOException {
        JsonNode said = description.transport();
        if (said.isNull() || (said.isEmpty() && !said.isValueNode())) {
            return Transport.LINEAR_VELOCITY;
        }
        try {
            return JSON.treeToValue(said, Transport.class);
        } catch (JacksonException e) {
            throw new IOException(checkpoint + ": its 'transport' cannot be read: " + JsonFile.reason(e), e);
        }
    }
}
