package dev.mediator.sampling;

import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.Network;
import dev.mediator.transport.PerSample;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.Transport;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Data whose elements are independent N(mean, deviation²): xt is then N(α·mean, α²·deviation² + σ²), and what a perfect
 * network predicts is linear in xt.
 */
record GaussianData(double mean, double deviation) {
    double variance(InterpolantPath path, double t) {
        double alpha = path.alpha(t) * deviation;
        double sigma = path.sigma(t);
        return alpha * alpha + sigma * sigma;
    }

    /** The perfect network of a transport. */
    Network network(Transport transport) {
        InterpolantPath path = transport.path();
        return (xt, t, y) -> {
            PerSample times = PerSample.of(t);
            Tensor centred = times.map(s -> 1 / variance(path, s)).scale(xt.sub(mean(times.map(path::alpha), xt)));
            if (transport.prediction() == Prediction.SCORE) {
                return centred.neg();
            }
            if (transport.prediction() == Prediction.NOISE) {
                return times.map(path::sigma).scale(centred);
            }
            PerSample halfGrowth = times.map(
                    s -> path.alpha(s) * path.alphaDot(s) * deviation * deviation + path.sigma(s) * path.sigmaDot(s));
            return halfGrowth.scale(centred).add(mean(times.map(path::alphaDot), xt));
        };
    }

    private Tensor mean(PerSample factor, Tensor like) {
        return factor.scale(like.mul(new Scalar(0.0)).add(new Scalar(mean)));
    }
}
