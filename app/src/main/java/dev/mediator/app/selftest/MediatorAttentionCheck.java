package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.nn.MediatorAttention;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Mediator attention alone ({@code mediator_attention_*}): output, intermediate results and all gradients. */
public final class MediatorAttentionCheck implements GoldenCheck {
    private static final double TOLERANCE = 1e-4;
    private static final int ROW_STRIDE = 16;

    @Override
    public boolean covers(String fileName, SafeTensors file) {
        return fileName.startsWith("mediator_attention_");
    }

    @Override
    public List<GoldenResult> run(SafeTensors file, ComputeDevice device) {
        try (Scope scope = Scope.open()) {
            GoldenParameters parameters = new GoldenParameters(file, "model.", device);
            Tensor x = device.put(file.get("in.x")).clone();
            x.requires_grad_(true);
            MediatorCount count = new MediatorCount(GoldenSettings.integer(file, "mediator_num"));
            int grid = (int) Math.round(Math.sqrt((double) x.size(1)));
            MediatorAttention attention = new MediatorAttention(
                    parameters, (int) x.size(2), GoldenSettings.integer(file, "num_heads"), grid, List.of(count));
            Tensor y = attention.apply(x, count);
            y.mul(device.put(file.get("in.w"))).sum().backward();

            List<GoldenResult> results = new ArrayList<>();
            results.add(GoldenResult.compare("out.y", y, file.get("out.y"), TOLERANCE));
            results.add(GoldenResult.compare("grad_in.x", x.grad(), file.get("grad_in.x"), TOLERANCE));
            compareIntermediates(file, attention, count, parameters, results);
            parameters.compareGradients(file, TOLERANCE, results);
            compareSubsampledGradients(file, parameters, results);
            return results;
        }
    }

    private static void compareIntermediates(
            SafeTensors file,
            MediatorAttention attention,
            MediatorCount count,
            GoldenParameters parameters,
            List<GoldenResult> results) {
        Tensor x = ComputeDevice.of(parameters.tensor("qkv.weight")).put(file.get("in.x"));
        Tensor weight = parameters.tensor("qkv.weight").narrow(0, 0, x.size(2));
        Tensor bias = parameters.tensor("qkv.bias").narrow(0, 0, x.size(2));
        Tensor q = Ops.linear(x, weight, bias);
        results.add(GoldenResult.compare(
                "mid.mediator_tokens", attention.pool(q, count), file.get("mid.mediator_tokens"), TOLERANCE));
        if (file.contains("mid.position_bias")) {
            List<Tensor> biases = attention.positionBiases(count);
            results.add(
                    GoldenResult.compare("mid.position_bias", biases.get(0), file.get("mid.position_bias"), TOLERANCE));
            results.add(
                    GoldenResult.compare("mid.mediator_bias", biases.get(1), file.get("mid.mediator_bias"), TOLERANCE));
        }
    }

    /** {@code grad_rows16.*} holds every 16th row of a gradient. */
    private static void compareSubsampledGradients(
            SafeTensors file, GoldenParameters parameters, List<GoldenResult> results) {
        String prefix = "grad_rows16.";
        file.entries().stream()
                .map(e -> e.name())
                .filter(name -> name.startsWith(prefix))
                .forEach(name -> {
                    Tensor gradient =
                            parameters.tensor(name.substring(prefix.length())).grad();
                    Tensor rows = gradient.unfold(0, 1, ROW_STRIDE).squeeze(-1);
                    results.add(GoldenResult.compare(name, rows, file.get(name), TOLERANCE));
                });
    }
}
