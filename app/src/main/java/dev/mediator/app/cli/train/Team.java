package dev.mediator.app.cli.train;

import dev.mediator.app.cli.command.CommonOptions;
import dev.mediator.app.cli.console.Console;
import dev.mediator.parallel.Address;
import dev.mediator.parallel.LostProcessException;
import dev.mediator.parallel.MeetingPoint;
import dev.mediator.parallel.Member;
import dev.mediator.parallel.ProcessGroup;
import dev.mediator.parallel.Watch;
import dev.mediator.tensor.ComputeDevice;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The processes that share a job: how they are connected, and those of them that this process has started. */
final class Team implements AutoCloseable {
    /** How long the system may take to tell that a process has ended, after its connection was closed. */
    private static final Duration NEWS = Duration.ofSeconds(3);

    private final ProcessGroup group;
    private final @Nullable LocalProcesses started;

    private Team(ProcessGroup group, @Nullable LocalProcesses started) {
        this.group = group;
        this.started = started;
    }

    /** This process alone. */
    static Team alone(ComputeDevice device) {
        return new Team(ProcessGroup.single(device), null);
    }

    /** Starts the others, on this machine. */
    static Team start(int size, CommonOptions common, Duration patience, Console console) throws IOException {
        List<ComputeDevice> devices = devices(size, common);
        LocalProcesses started = new LocalProcesses(console);
        try (MeetingPoint point = MeetingPoint.openHere()) {
            for (int rank = 1; rank < size; rank++) {
                Member member = new Member(rank, size);
                started.start(member, arguments(point.address(), member, common, devices.get(rank), patience));
            }
            return new Team(point.gather(size, devices.get(0), patience, started::requireAll), started);
        } catch (IOException | RuntimeException e) {
            started.close();
            throw e;
        }
    }

    /** One for each, all looked at before any process is started. */
    private static List<ComputeDevice> devices(int size, CommonOptions common) {
        List<ComputeDevice> devices = new ArrayList<>();
        for (int rank = 0; rank < size; rank++) {
            ComputeDevice device = common.cardOfProcess(rank);
            if (!device.isHost() && devices.contains(device)) {
                throw new IllegalArgumentException(
                        "--processes takes the cards from cuda:0 on, --device may be cuda but not '" + device + "'");
            }
            devices.add(device);
        }
        return devices;
    }

    private static List<String> arguments(
            Address address, Member member, CommonOptions common, ComputeDevice device, Duration patience) {
        List<String> arguments = new ArrayList<>(List.of("train", "--supervised"));
        arguments.addAll(List.of("--join", address.toString()));
        arguments.addAll(List.of("--rank", Integer.toString(member.rank())));
        arguments.addAll(List.of("--world-size", Integer.toString(member.size())));
        arguments.addAll(List.of("--join-timeout", Long.toString(patience.toSeconds())));
        arguments.addAll(common.forAnotherProcess(device));
        return arguments;
    }

    /** Meets processes that others start. */
    static Team join(Address address, Member member, ComputeDevice device, Duration patience) throws IOException {
        if (!member.isFirst()) {
            return new Team(MeetingPoint.join(address, member, device, patience), null);
        }
        try (MeetingPoint point = MeetingPoint.open(address)) {
            return new Team(point.gather(member.size(), device, patience, Watch.NONE), null);
        }
    }

    /** How they are connected. */
    ProcessGroup group() {
        return group;
    }

    /** Why a process was lost, as far as this one knows. */
    IOException explain(LostProcessException loss) throws IOException {
        if (started == null) {
            return loss;
        }
        return started.firstEnd(NEWS)
                .<IOException>map(end -> new IOException(end, loss))
                .orElse(loss);
    }

    @Override
    public void close() {
        if (started != null) {
            started.close(); // before the group, whose end they would report
        }
        group.close();
    }
}
