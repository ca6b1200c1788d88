package dev.mediator.app.cli.train;

import dev.mediator.app.cli.command.CommonOptions;
import dev.mediator.app.cli.console.Console;
import dev.mediator.parallel.Address;
import dev.mediator.parallel.Member;
import dev.mediator.tensor.ComputeDevice;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say with which other processes a job is shared. */
final class ProcessOptions {
    @Option(
            names = "--processes",
            paramLabel = "N",
            description =
                    "Share the work among N processes of this machine, which are started and ended by this one: on cards one"
                            + " for each of cuda:0 to cuda:N-1, else each has its part of the threads.")
    private @Nullable Integer processes;

    @Option(
            names = "--join",
            paramLabel = "HOST:PORT",
            description =
                    "Share the work with processes on several machines, started alike; process 0 listens there. Default:"
                            + " MASTER_ADDR and MASTER_PORT, if RANK and WORLD_SIZE are in the environment too.")
    private @Nullable String join;

    @Option(
            names = "--rank",
            paramLabel = "R",
            description = "Which of these processes this one is, from 0; process 0 writes. Default: RANK.")
    private @Nullable Integer rank;

    @Option(
            names = "--world-size",
            paramLabel = "N",
            description = "How many of these processes there are. Default: WORLD_SIZE.")
    private @Nullable Integer worldSize;

    @Option(
            names = "--join-timeout",
            paramLabel = "SECONDS",
            description = "How long all may take to be there. Default: ${DEFAULT-VALUE}.")
    private int joinTimeout = 300;

    @Option(
            names = "--supervised",
            hidden = true,
            description = "Started by another process, which holds stdin open for as long as it lives.")
    private boolean supervised;

    private final LauncherEnvironment environment = LauncherEnvironment.ofThisProcess();

    /**
     * Which process this one is.
     *
     * @throws IllegalArgumentException if the options contradict each other, or something is missing
     */
    Member member() {
        if (joinTimeout < 1 || joinTimeout > 86400) {
            throw new IllegalArgumentException("--join-timeout is " + joinTimeout + ", allowed are 1 to 86400 seconds");
        }
        if (processes != null) {
            if (join != null || rank != null || worldSize != null) {
                throw new IllegalArgumentException(
                        "--processes starts all processes itself: it does not go with --join,"
                                + " --rank and --world-size, which are for processes that others start");
            }
            return new Member(0, processes);
        }
        if (join == null && rank == null && worldSize == null && !environment.isComplete()) {
            return Member.ALONE;
        }
        return new Member(
                given("--rank", rank, LauncherEnvironment.RANK),
                given("--world-size", worldSize, LauncherEnvironment.WORLD_SIZE));
    }

    /** True if another process started this one, and tells what has to be told. */
    boolean isSupervised() {
        return supervised;
    }

    private int given(String option, @Nullable Integer value, String variable) {
        if (value != null) {
            return value;
        }
        return environment
                .number(variable)
                .orElseThrow(() -> new IllegalArgumentException("a training that is shared by --join needs " + option
                        + ", or " + variable + " in the environment"));
    }

    private Address address() {
        return join != null ? Address.parse(join) : environment.meetingPoint();
    }

    /**
     * Brings the processes together, starting them if they are to be started, and gives each its card or its threads.
     *
     * @throws IOException if not all come
     */
    Team gather(CommonOptions common, Console console) throws IOException {
        if (supervised) {
            ParentWatch.start();
        }
        Duration patience = Duration.ofSeconds(joinTimeout);
        Member member = member();
        if (processes != null && processes > 1) {
            common.shareThreads(processes);
            return Team.start(processes, common, patience, console);
        }
        if (member.size() == 1) {
            return Team.alone(common.device());
        }
        environment.number(LauncherEnvironment.LOCAL_WORLD_SIZE).ifPresent(common::shareThreads);
        ComputeDevice device = environment
                .number(LauncherEnvironment.LOCAL_RANK)
                .map(common::cardOfProcess)
                .orElseGet(common::device);
        return Team.join(address(), member, device, patience);
    }
}
