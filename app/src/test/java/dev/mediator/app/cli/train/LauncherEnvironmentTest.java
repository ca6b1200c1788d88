package dev.mediator.app.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.parallel.Address;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What launchers of clusters say. */
class LauncherEnvironmentTest {
    private static final Map<String, String> COMPLETE =
            Map.of("MASTER_ADDR", "node1", "MASTER_PORT", "29500", "RANK", "3", "WORLD_SIZE", "8");

    @Test
    void allFourAreNeededToJoinUnasked() {
        assertThat(new LauncherEnvironment(COMPLETE).isComplete()).isTrue();
        for (String missing : COMPLETE.keySet()) {
            Map<String, String> rest = new HashMap<>(COMPLETE);
            rest.remove(missing);
            assertThat(new LauncherEnvironment(rest).isComplete()).as(missing).isFalse();
        }
    }

    @Test
    void valuesAreRead() {
        LauncherEnvironment environment = new LauncherEnvironment(COMPLETE);
        assertThat(environment.number("RANK")).contains(3);
        assertThat(environment.number("LOCAL_RANK")).isEmpty();
        assertThat(environment.meetingPoint()).isEqualTo(new Address("node1", 29500));
        assertThatThrownBy(() -> environment.number("MASTER_ADDR"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("MASTER_ADDR in the environment is 'node1', allowed are whole numbers");
        assertThatThrownBy(() -> new LauncherEnvironment(Map.of()).meetingPoint())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "--rank and --world-size need --join HOST:PORT, or MASTER_ADDR and MASTER_PORT");
    }

    /** There torchrun itself listens at MASTER_PORT. */
    @Test
    void underTorchrunTheNextPortIsTaken() {
        Map<String, String> torchrun = new HashMap<>(COMPLETE);
        torchrun.put("TORCHELASTIC_USE_AGENT_STORE", "True");
        assertThat(new LauncherEnvironment(torchrun).meetingPoint()).isEqualTo(new Address("node1", 29501));
    }
}
