package dev.mediator.app.cli.option;

import dev.mediator.generation.ImageGenerator;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.CudaGraphs;
import picocli.CommandLine.Option;

/** The option that replays a network's passes as CUDA graphs. */
public final class CudaGraphsOption {
    @Option(
            names = "--cuda-graphs",
            description =
                    "On a card, record the network's passes as CUDA graphs and replay them: for small networks and"
                            + " batches, where the card waits for the host. Default: off.")
    private boolean chosen;

    /**
     * Whether it was given.
     *
     * @throws IllegalArgumentException if it was, and the device is no card
     */
    public boolean isChosenFor(ComputeDevice device) {
        if (chosen) {
            CudaGraphs.requireCard(device);
        }
        return chosen;
    }

    /**
     * Records what a generator's networks do from now on, if it was given.
     *
     * @throws IllegalArgumentException if it was, and the device is no card
     */
    void apply(ImageGenerator generator) {
        if (isChosenFor(generator.device())) {
            generator.recordPasses(CudaGraphs::on);
        }
    }
}
