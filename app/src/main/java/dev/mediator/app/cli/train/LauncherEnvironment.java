package dev.mediator.app.cli.train;

import dev.mediator.parallel.Address;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What programs that start processes on clusters put into their environment: the variables that PyTorch's {@code torchrun} sets, and
 * job scripts for it.
 *
 * @param variables the environment
 */
record LauncherEnvironment(Map<String, String> variables) {
    static final String RANK = "RANK";
    static final String WORLD_SIZE = "WORLD_SIZE";
    static final String LOCAL_RANK = "LOCAL_RANK";
    static final String LOCAL_WORLD_SIZE = "LOCAL_WORLD_SIZE";
    private static final String HOST = "MASTER_ADDR";
    private static final String PORT = "MASTER_PORT";

    /** Set where torchrun itself listens at MASTER_PORT. */
    private static final String PORT_IS_TAKEN = "TORCHELASTIC_USE_AGENT_STORE";

    static LauncherEnvironment ofThisProcess() {
        return new LauncherEnvironment(System.getenv());
    }

    /** True if it says all that is needed to join. */
    boolean isComplete() {
        return variables.keySet().containsAll(Set.of(RANK, WORLD_SIZE, HOST, PORT));
    }

    /**
     * A whole number.
     *
     * @throws IllegalArgumentException if the variable holds something else
     */
    Optional<Integer> number(String variable) {
        return Optional.ofNullable(variables.get(variable)).map(text -> {
            try {
                return Integer.parseInt(text.strip());
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        variable + " in the environment is '" + text + "', allowed are whole numbers", e);
            }
        });
    }

    /** Where the processes meet. */
    Address meetingPoint() {
        String host = variables.get(HOST);
        Optional<Integer> port = number(PORT);
        if (host == null || port.isEmpty()) {
            throw new IllegalArgumentException("--rank and --world-size need --join HOST:PORT, or " + HOST + " and "
                    + PORT + " in the environment");
        }
        boolean taken = Boolean.parseBoolean(variables.get(PORT_IS_TAKEN));
        return new Address(host, port.get() + (taken ? 1 : 0));
    }
}
