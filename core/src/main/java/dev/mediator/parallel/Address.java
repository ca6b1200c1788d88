package dev.mediator.parallel;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where processes meet.
 *
 * @param host name or number of process 0's machine
 * @param port that process 0 listens on
 */
public record Address(String host, int port) {
    private static final Pattern WRITTEN = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:\\[\\]]+):(\\d{1,5})");
    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "::1");

    public Address {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port is " + port + ", allowed are 1 to 65535");
        }
    }

    /** Reads {@code HOST:PORT}; numbers with colons stand in brackets. */
    public static Address parse(String text) {
        Matcher matcher = WRITTEN.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("address is '" + text + "', expected is HOST:PORT such as node1:29500");
        }
        return new Address(matcher.group(1).replaceAll("[\\[\\]]", ""), Integer.parseInt(matcher.group(2)));
    }

    /** True if nobody on another machine could mean the same by it. */
    public boolean isThisMachineOnly() {
        return THIS_MACHINE.contains(host);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
