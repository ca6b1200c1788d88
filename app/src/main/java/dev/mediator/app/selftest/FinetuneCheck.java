package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.model.Adaptation;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** A network carried to a larger grid ({@code finetune_*}): the tensors that change, and what it then predicts. */
public final class FinetuneCheck implements GoldenCheck {
    private static final double TOLERANCE = 1e-4;
    private static final String LOW = "low.";
    private static final String HIGH = "high.";

    @Override
    public boolean covers(String fileName, SafeTensors file) {
        return fileName.startsWith("finetune_");
    }

    @Override
    public List<GoldenResult> run(SafeTensors file, ComputeDevice device) {
        List<GoldenResult> results = new ArrayList<>();
        try (Scope scope = Scope.open()) {
            SitConfig config = config(file);
            Map<String, Tensor> low = new LinkedHashMap<>();
            for (TensorEntry entry : file.entries()) {
                if (entry.name().startsWith(LOW)) {
                    low.put(entry.name().substring(LOW.length()), file.get(entry.name()));
                }
            }
            low.remove("pos_embed");
            SitConfig lowConfig = config.withInputSize(GoldenSettings.integer(file, "input_size_low"));
            try (Sit sit = new Adaptation(lowConfig, config, true).apply(low, DType.F32)) {
                Map<String, Tensor> high = new LinkedHashMap<>(sit.parameters());
                high.put("pos_embed", sit.positions());
                compareChanged(file, high, results);
                try (Sit placed = sit.to(new Placement(device, DType.F32))) {
                    Tensor out = placed.forward(file.get("in.x"), file.get("in.t"), file.get("in.y"));
                    results.add(GoldenResult.compare("out.eval", out, file.get("out.eval"), TOLERANCE));
                }
            }
        }
        return results;
    }

    private static void compareChanged(SafeTensors file, Map<String, Tensor> high, List<GoldenResult> results) {
        for (TensorEntry entry : file.entries()) {
            String name = entry.name();
            if (name.startsWith(HIGH)) {
                Tensor ours = high.get(name.substring(HIGH.length()));
                results.add(
                        ours == null
                                ? GoldenResult.failed(name, "the network has no such tensor")
                                : GoldenResult.compare(name, ours, file.get(name), TOLERANCE));
            }
        }
    }

    private static SitConfig config(SafeTensors file) {
        return new SitConfig(
                GoldenSettings.integer(file, "input_size_high"),
                GoldenSettings.integer(file, "patch_size"),
                Math.toIntExact(file.get("in.x").size(1)),
                GoldenSettings.integer(file, "hidden_size"),
                GoldenSettings.integer(file, "depth"),
                GoldenSettings.integer(file, "num_heads"),
                4,
                GoldenSettings.integer(file, "num_classes"),
                GoldenSettings.flag(file, "learn_sigma"),
                List.of(new MediatorCount(GoldenSettings.integer(file, "mediator_num"))),
                null);
    }
}
