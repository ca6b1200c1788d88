package dev.mediator.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Engine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How processes find each other, and what is said when they do not. */
class MeetingPointTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(300);

    @BeforeEach
    void startEngine() {
        Engine.start(1);
    }

    @Test
    void theOthersMayComeFirst() throws Exception {
        Address address = unusedAddress();
        CompletableFuture<ProcessGroup> guest = Processes.async(() -> join(address, new Member(1, 2), LONG));
        Thread.sleep(200);
        try (MeetingPoint point = MeetingPoint.open(address);
                ProcessGroup first = point.gather(2, ComputeDevice.CPU, LONG, Watch.NONE);
                ProcessGroup second = guest.get()) {
            assertThat(first.member()).hasToString("process 0 of 2");
            assertThat(second.member()).hasToString("process 1 of 2");
        }
    }

    /** By the name of this machine or its address on a network, as from another machine. */
    @Test
    void addressesOfTheNetworkAreReached() throws Exception {
        String host = InetAddress.getLocalHost().getHostName();
        Address address = new Address(host, unusedAddress().port());
        CompletableFuture<double[]> guest = Processes.async(() -> {
            try (ProcessGroup group = join(address, new Member(1, 2), LONG)) {
                return group.sum(1);
            }
        });
        try (MeetingPoint point = MeetingPoint.open(address);
                ProcessGroup group = point.gather(2, ComputeDevice.CPU, LONG, Watch.NONE)) {
            assertThat(group.sum(2)).containsExactly(3);
            assertThat(guest.get()).containsExactly(3);
        }
    }

    @Test
    void nobodyThereIsSaidInTime() throws Exception {
        Address address = unusedAddress();
        assertThatThrownBy(() -> join(address, new Member(1, 2), SHORT))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(
                        "process 0 cannot be reached at " + address + " within 0 s: Connection refused");
        assertThatThrownBy(() -> join(new Address("no-such-host.invalid", 29500), new Member(1, 2), SHORT))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "process 0 cannot be reached at no-such-host.invalid:29500 within 0 s: the host is unknown");
    }

    /** A process that has connected in time is counted, however late it is looked at. */
    @Test
    void thoseWhoDoNotComeAreNamed() throws Exception {
        try (MeetingPoint point = MeetingPoint.openHere();
                Socket guest = new Socket(
                        InetAddress.getLoopbackAddress(), point.address().port())) {
            new Hello(2, 4, 1).write(guest);
            String message = "2 of 4 processes have come within 0 s, missing are those of rank 1, 3";

            assertThatThrownBy(() -> point.gather(4, ComputeDevice.CPU, Duration.ZERO, Watch.NONE))
                    .isInstanceOf(IOException.class)
                    .hasMessage(message);
            assertThatThrownBy(() -> Invitation.read(guest))
                    .isInstanceOf(IOException.class)
                    .hasMessage(message);
        }
    }

    @Test
    void differentNumbersAreAMistakeForAll() throws Exception {
        try (MeetingPoint point = MeetingPoint.openHere()) {
            Address address = point.address();
            CompletableFuture<ProcessGroup> guest = Processes.async(() -> join(address, new Member(1, 3), LONG));
            String message = "process 1 was told that there are 3 processes, process 0 that there are 2";

            assertThatThrownBy(() -> point.gather(2, ComputeDevice.CPU, LONG, Watch.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
            assertThatThrownBy(guest::join)
                    .hasCauseInstanceOf(IllegalArgumentException.class)
                    .hasRootCauseMessage(message);
        }
    }

    @Test
    void twoOfTheSameRankAreAMistake() throws Exception {
        try (MeetingPoint point = MeetingPoint.openHere()) {
            Address address = point.address();
            CompletableFuture<ProcessGroup> one = Processes.async(() -> join(address, new Member(1, 3), LONG));
            CompletableFuture<ProcessGroup> other = Processes.async(() -> join(address, new Member(1, 3), LONG));

            assertThatThrownBy(() -> point.gather(3, ComputeDevice.CPU, LONG, Watch.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("two processes were told that theirs is rank 1");
            assertThatThrownBy(one::join).hasCauseInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(other::join).hasCauseInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aProcessThatGoesBeforeAllHaveComeIsNoticed() throws Exception {
        try (MeetingPoint point = MeetingPoint.openHere();
                Socket guest = new Socket(
                        InetAddress.getLoopbackAddress(), point.address().port())) {
            new Hello(1, 3, 1).write(guest);
            guest.shutdownOutput();

            assertThatThrownBy(() -> point.gather(3, ComputeDevice.CPU, LONG, Watch.NONE))
                    .isInstanceOf(IOException.class)
                    .hasMessage("process 1 has gone before all had come: it closed the connection");
        }
    }

    @Test
    void strangersAreNotLetIn() throws Exception {
        try (MeetingPoint point = MeetingPoint.openHere();
                Socket stranger = new Socket(
                        InetAddress.getLoopbackAddress(), point.address().port())) {
            stranger.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            CompletableFuture<ProcessGroup> guest =
                    Processes.async(() -> join(point.address(), new Member(1, 2), LONG));
            try (ProcessGroup group = point.gather(2, ComputeDevice.CPU, LONG, Watch.NONE)) {
                assertThat(group.member().size()).isEqualTo(2);
                guest.join().close();
            }
        }
    }

    @Test
    void anotherProgramAtThePortIsNotMistakenForProcess0() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<byte[]> asked = Processes.async(() -> {
                try (Socket socket = server.accept()) {
                    byte[] all = socket.getInputStream().readNBytes(24); // what is left unread resets a connection
                    socket.getOutputStream().write("HTTP/1.0 400 Bad\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                    return all;
                }
            });
            Address address = new Address("127.0.0.1", server.getLocalPort());
            assertThatThrownBy(() -> join(address, new Member(1, 2), LONG))
                    .isInstanceOf(IOException.class)
                    .hasMessage("process 1 cannot join at " + address + ": what answers there is not this program");
            assertThat(asked.get()).isNotEmpty();
        }
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> MeetingPoint.open(new Address("127.0.0.1", server.getLocalPort())))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("port " + server.getLocalPort() + " of this machine cannot be listened on");
        }
    }

    @Test
    void theWatchEndsTheWaiting() throws Exception {
        try (MeetingPoint point = MeetingPoint.openHere()) {
            assertThatThrownBy(() -> point.gather(2, ComputeDevice.CPU, LONG, () -> {
                        throw new IOException("it will not come");
                    }))
                    .isInstanceOf(IOException.class)
                    .hasMessage("it will not come");
        }
    }

    @Test
    void addressesAreRead() {
        assertThat(Address.parse("node1:29500")).isEqualTo(new Address("node1", 29500));
        assertThat(Address.parse("[::1]:5")).isEqualTo(new Address("::1", 5)).hasToString("[::1]:5");
        for (String wrong : new String[] {"node1", "node1:", ":5", "node1:x", "a:b:5"}) {
            assertThatThrownBy(() -> Address.parse(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("address is '" + wrong + "', expected is HOST:PORT such as node1:29500");
        }
        assertThatThrownBy(() -> Address.parse("node1:65536"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("port is 65536, allowed are 1 to 65535");
    }

    @Test
    void membersAreChecked() {
        assertThatThrownBy(() -> new Member(2, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rank is 2, allowed with 2 processes are 0 to 1");
        assertThatThrownBy(() -> new Member(-1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Member(0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the number of processes is 0, allowed are 1 to 4096");
    }

    /** Without NCCL's natives, as they are for CPUs, a group of cards says so. */
    @Test
    void cardsNeedNccl() throws Exception {
        org.junit.jupiter.api.Assumptions.assumeTrue(
                dev.mediator.tensor.CudaState.find().builtFor().isEmpty());
        try (MeetingPoint point = MeetingPoint.openHere()) {
            Address address = point.address();
            CompletableFuture<ProcessGroup> guest =
                    Processes.async(() -> MeetingPoint.join(address, new Member(1, 2), ComputeDevice.cuda(1), LONG));
            assertThatThrownBy(() -> point.gather(2, ComputeDevice.cuda(0), LONG, Watch.NONE))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("several cards need NCCL, which does not load: ");
            assertThatThrownBy(guest::join).hasRootCauseInstanceOf(Throwable.class);
        }
    }

    private static ProcessGroup join(Address address, Member member, Duration patience) throws IOException {
        return MeetingPoint.join(address, member, ComputeDevice.CPU, patience);
    }

    private static Address unusedAddress() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Address("127.0.0.1", server.getLocalPort());
        }
    }
}
