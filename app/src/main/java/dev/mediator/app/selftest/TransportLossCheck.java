package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.LossWeighting;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Per-sample training losses of every path, prediction and weighting. */
public final class TransportLossCheck implements GoldenCheck {
    private static final double TOLERANCE = 1e-5;

    @Override
    public boolean covers(String fileName, SafeTensors file) {
        return fileName.startsWith("transport_losses");
    }

    @Override
    public List<GoldenResult> run(SafeTensors file, ComputeDevice device) {
        List<GoldenResult> results = new ArrayList<>();
        for (TensorEntry entry : file.entries()) {
            String name = entry.name();
            if (name.startsWith("loss.")) {
                try (Scope scope = Scope.open()) {
                    results.add(GoldenResult.compare(name, loss(file, name), file.get(name), TOLERANCE));
                }
            }
        }
        return results;
    }

    /** {@code loss.{path}.{prediction}.{weighting}}; the files hold the unweighted loss for velocity under each weighting. */
    private static Tensor loss(SafeTensors file, String name) {
        String[] parts = name.split("\\.", -1);
        Prediction prediction = Prediction.parse(parts[2]);
        LossWeighting weighting =
                prediction == Prediction.VELOCITY ? LossWeighting.NONE : LossWeighting.parse(parts[3]);
        Transport transport = new Transport(InterpolantPath.parse(parts[1]), prediction, weighting, null, null);
        Tensor t = file.get("in.t");
        Tensor labels = Tensors.zeros(DType.I64, t.size(0));
        return transport.loss(AnalyticNetworks.HALF, file.get("in.x0"), file.get("in.x1"), t, labels);
    }
}
