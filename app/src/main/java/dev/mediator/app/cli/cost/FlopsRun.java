package dev.mediator.app.cli.cost;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.model.FlopCount;
import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.RunSetup;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StageCosts;
import dev.mediator.transport.Transport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cost of one image through a whole sampling run.
 *
 * @param schedule as it is run, a budget resolved
 * @param sampler equation, solver and steps in words
 * @param guidance how strongly the class is followed, and when
 * @param passes forward passes; a guided evaluation is two
 * @param gflops multiply-adds in 10⁹; null if they depend on the image
 * @param gflopsLeast at least
 * @param gflopsMost at most
 * @param largest the costliest count
 * @param gflopsLargest what the run costs if every pass goes through that
 * @param shareLeast {@code gflopsLeast} as a share of it
 * @param shareMost {@code gflopsMost} as a share of it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FlopsRun(
        String schedule,
        String sampler,
        Guidance guidance,
        long passes,
        @Nullable Double gflops,
        double gflopsLeast,
        double gflopsMost,
        MediatorCount largest,
        double gflopsLargest,
        double shareLeast,
        double shareMost) {

    static FlopsRun of(
            Schedule schedule,
            List<NetworkOptions.Network> networks,
            SamplerConfig sampler,
            Guidance guidance,
            Transport transport) {
        Map<MediatorCount, Long> macs = new LinkedHashMap<>();
        networks.forEach(
                network -> macs.put(network.mediators(), FlopCount.forward(network.config(), network.mediators())));
        StageCosts costs = new StageCosts(macs);
        RunPlan plan = RunPlan.of(new RunSetup(sampler, guidance, transport, costs), schedule);
        RunPlan.RunCost cost = plan.cost();
        return new FlopsRun(
                plan.schedule().toString(),
                plan.sampler().summary(),
                plan.guidance(),
                cost.passes(),
                cost.isExact() ? cost.least() / 1e9 : null,
                cost.least() / 1e9,
                cost.most() / 1e9,
                costs.counts().get(costs.counts().size() - 1),
                cost.largest() / 1e9,
                (double) cost.least() / cost.largest(),
                (double) cost.most() / cost.largest());
    }

    /** For people. */
    @JsonIgnore
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("one image by " + schedule);
        lines.add(String.format(Locale.ROOT, "  %s, %s: %d passes", sampler, guidance.summary(), passes));
        lines.add(String.format(
                Locale.ROOT,
                "  %s GFLOPs, %s %% of the %.1f that it costs with %s at every step",
                range(gflopsLeast, gflopsMost),
                range(100 * shareLeast, 100 * shareMost),
                gflopsLargest,
                largest));
        if (gflops == null) {
            lines.add(
                    "  The cost depends on the image. These are the bounds: of one that never switches, and of one that");
            lines.add("  switches as early as the rule allows.");
        }
        return lines;
    }

    private String range(double least, double most) {
        return gflops != null
                ? String.format(Locale.ROOT, "%.1f", least)
                : String.format(Locale.ROOT, "%.1f to %.1f", least, most);
    }
}
