package dev.mediator.training;

import dev.mediator.parallel.LostProcessException;
import dev.mediator.parallel.ProcessGroup;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * What the processes of a training tell each other beside gradients: at the start what is trained, and once per update the loss of
 * their part and whether one of them was told to stop, so that all stop after the same update.
 *
 * @param group the processes
 */
record Agreement(ProcessGroup group) {
    /** What each process may set for itself: where it finds the same things. */
    private static final List<String> PLACES = List.of("data.path", "codec", "latents");

    /** Tells the others what is trained, as process 0. */
    void announce(TrainConfig config) throws LostProcessException {
        group.fromFirst(ConfigTree.toJson(config));
    }

    /**
     * Hears what is trained, as any process but 0.
     *
     * @param assignments this process's own settings: where things are, and nothing that process 0 says otherwise
     */
    TrainConfig hear(List<String> assignments) throws IOException {
        String announced = group.fromFirst("");
        ConfigTree trained = ConfigTree.defaults().overlay(announced, "process 0's configuration");
        TrainConfig first = trained.toConfig();
        ConfigTree elsewhere = ConfigTree.defaults().overlay(announced, "process 0's configuration");
        for (String assignment : assignments) {
            elsewhere.set(assignment);
            if (!PLACES.contains(assignment.replaceFirst("=.*", ""))
                    && !trained.set(assignment).toConfig().equals(first)) {
                throw new IllegalArgumentException(
                        "'" + assignment + "' is not what process 0 trains; a process may set "
                                + String.join(", ", PLACES) + " for itself");
            }
        }
        return elsewhere.toConfig();
    }

    /** @throws IOException if the data here are not those of process 0 */
    void requireSameData(LatentSource source) throws IOException {
        String here = source.summary();
        String first = group.fromFirst(here);
        if (!here.equals(first)) {
            throw new IOException("the data of " + group.member() + " differ from those of process 0: here " + here
                    + ", there " + first);
        }
        String content = source.dataset().identity().digest();
        if (!content.equals(group.fromFirst(content))) {
            throw new IOException(
                    "the data of " + group.member() + " differ from those of process 0: as many images, but"
                            + " other names or contents of files or classes");
        }
    }

    /** Waits until all are ready, so that nothing is written for a training in which one cannot take part. */
    void awaitAll() throws LostProcessException {
        group.sum(0);
    }

    /**
     * The loss over all processes.
     *
     * @param part this process's part
     * @throws CancellationException if another process was told to stop, after the last update
     */
    double loss(double part) throws LostProcessException {
        double[] sums = group.sum(part, 0);
        if (sums[1] > 0) {
            throw new CancellationException("another process was told to stop");
        }
        return sums[0];
    }

    /** Tells the others, who will ask for the next {@link #loss}, that this process was told to stop. */
    void stop() throws LostProcessException {
        group.sum(0, 1);
    }
}
