package dev.mediator.app.cli.cost;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.mediator.model.FlopCount;
import dev.mediator.model.FlopCount.Part;
import dev.mediator.model.ParameterCount;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code flops --json} prints.
 *
 * @param preset null for a checkpoint
 * @param model the checkpoint's path, null for a preset
 * @param imageSize side of the images
 * @param inputSize side of what the network sees: image or latent
 * @param tokens N
 * @param single the row's fields, if there is just one
 * @param rows a row per mediator count
 * @param run the cost of a sampling run, if a schedule was named
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FlopsAnswer(
        @Nullable String preset,
        @Nullable String model,
        int imageSize,
        int inputSize,
        int tokens,
        @JsonUnwrapped @Nullable Row single,
        List<Row> rows,
        @Nullable FlopsRun run) {
    /**
     * The cost of one network at one count.
     *
     * @param mediators a number, or {@code full}
     * @param gflops multiply-adds of one forward pass of one image, in 10⁹
     * @param parameters trained values
     * @param shareOfFull {@code gflops} as a share of the same network's with softmax attention in all blocks
     * @param breakdown {@code gflops} by part
     */
    public record Row(
            MediatorCount mediators, double gflops, long parameters, double shareOfFull, Map<Part, Double> breakdown) {

        static Row of(NetworkOptions.Network network) {
            SitConfig config = network.config();
            FlopCount count = FlopCount.of(config, network.mediators());
            SitConfig softmax = config.withMediators(List.of(MediatorCount.FULL));
            Map<Part, Double> breakdown = new EnumMap<>(Part.class);
            count.parts().forEach((part, macs) -> breakdown.put(part, macs / 1e9));
            return new Row(
                    network.mediators(),
                    count.total() / 1e9,
                    ParameterCount.of(config),
                    (double) count.total() / FlopCount.forward(softmax, MediatorCount.FULL),
                    breakdown);
        }
    }
}
