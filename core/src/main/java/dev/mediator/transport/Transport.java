package dev.mediator.transport;

import dev.mediator.tensor.DType;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a network is trained to predict, and on which path.
 *
 * <p>Some coefficients are infinite at an end of [0, 1]; where they are used, the interval of times stops ε short of that
 * end. Training and sampling each have their own ε with its own default, neither depends on the other. This differs on
 * purpose from the public SiT code and its descendants, where the sampling ε is lost unless the training ε is given too,
 * where both are ignored for velocity networks on LINEAR and GVP, and where SBDM diffusion and an SDE without last step
 * therefore run into infinities on those paths. An ε of 0 removes the cut; a sampler then stops with an error at the
 * first state that is not finite.
 *
 * @param path mix of noise and data over time
 * @param prediction what the network predicts
 * @param weighting weight of the loss over time; must be {@link LossWeighting#NONE} for velocity
 * @param trainEps how far training keeps from singular ends, 0 to below 0.5; null for the default, {@link
 *     #effectiveTrainEps()}
 * @param sampleEps how far sampling keeps from singular ends, 0 to below 0.5; null for the default of {@value
 *     #DEFAULT_EPS}
 */
public record Transport(
        InterpolantPath path,
        Prediction prediction,
        LossWeighting weighting,
        @Nullable Double trainEps,
        @Nullable Double sampleEps) {
    /** The ε used when none is given, except for training on VP. */
    public static final double DEFAULT_EPS = 1e-3;

    /** The training ε of VP when none is given, that of SiT. */
    public static final double DEFAULT_VP_TRAIN_EPS = 1e-5;

    /** Velocity on the linear path: what SiT and the published mediator models are trained for. */
    public static final Transport LINEAR_VELOCITY = of(InterpolantPath.LINEAR, Prediction.VELOCITY);

    /** Checks both ε and that a weighting has something to weigh. */
    public Transport {
        requirePresent("path", path);
        requirePresent("prediction", prediction);
        requirePresent("weighting", weighting);
        requireEps("train eps", trainEps);
        requireEps("sample eps", sampleEps);
        if (prediction == Prediction.VELOCITY && weighting != LossWeighting.NONE) {
            throw new IllegalArgumentException("loss weighting is '" + weighting.label()
                    + "', allowed for velocity prediction is only 'none' (its loss is not weighted)");
        }
    }

    /** JSON can leave out what Java code cannot. */
    private static void requirePresent(String field, @Nullable Object value) {
        if (value == null) {
            throw new IllegalArgumentException("field '" + field + "' is missing");
        }
    }

    /** A path and a prediction with an unweighted loss and the default ε. */
    public static Transport of(InterpolantPath path, Prediction prediction) {
        return new Transport(path, prediction, LossWeighting.NONE, null, null);
    }

    /** The training ε in use: the one given, else 1e-5 for VP and 1e-3 for the other paths. */
    public double effectiveTrainEps() {
        double unset = path == InterpolantPath.VP ? DEFAULT_VP_TRAIN_EPS : DEFAULT_EPS;
        return trainEps == null ? unset : trainEps;
    }

    /** The sampling ε in use: the one given, else 1e-3. */
    public double effectiveSampleEps() {
        return sampleEps == null ? DEFAULT_EPS : sampleEps;
    }

    /** Times that training draws from. */
    public TimeInterval trainInterval() {
        return regularInterval(effectiveTrainEps());
    }

    /** Times that an ODE runs through from noise to data; the same reversed leads from data to noise. */
    public TimeInterval odeInterval() {
        return regularInterval(effectiveSampleEps());
    }

    /**
     * Times that the steps of an SDE run through, up to where its last step begins.
     *
     * @param usesScoreWeight if the diffusion is g(t), which is infinite at t = 0 of LINEAR and GVP
     * @param lastStepSize length of the last step, 0 for none: the score is infinite at t = 1, and the interval then ends ε
     *     before it
     */
    public TimeInterval sdeInterval(boolean usesScoreWeight, double lastStepSize) {
        boolean cutStart = path.isSingularAtNoise() && (usesScoreWeight || prediction != Prediction.VELOCITY);
        double start = cutStart ? effectiveSampleEps() : 0;
        double end = 1 - (lastStepSize == 0 ? effectiveSampleEps() : lastStepSize);
        if (!(end > start)) {
            throw new IllegalArgumentException("the last step has size " + lastStepSize + ", allowed is less than "
                    + (1 - start) + " on this path, so that steps remain before it");
        }
        return new TimeInterval(start, end);
    }

    /**
     * Training loss of each sample: the mean over its elements of the squared residual, weighted. Residuals are v − ut for
     * velocity, σ·score + x0 for score, noise − x0 for noise. Gradients flow into the network's parameters.
     *
     * @param network the network in training
     * @param x0 noise [B, C, H, W]
     * @param x1 data [B, C, H, W]
     * @param t times [B], on the host
     * @param y labels [B] int64, on the host
     * @return [B], in the type of {@code x1}
     */
    public Tensor loss(Network network, Tensor x0, Tensor x1, Tensor t, Tensor y) {
        Shapes.require(x1, "x1", Shapes.ANY, Shapes.ANY, Shapes.ANY, Shapes.ANY);
        Shapes.require(x0, "x0", Shapes.of(x1));
        Shapes.require(t, "t", x1.size(0));
        Shapes.require(y, "y", x1.size(0));
        PerSample times = PerSample.of(t);
        Tensor predicted = predict(network, times, path.xt(times, x0, x1), y);
        Tensor squared = residual(times, predicted, x0, x1).square();
        Tensor perSample = squared.mean(new long[] {1, 2, 3}, false, new ScalarTypeOptional());
        return weighting == LossWeighting.NONE
                ? perSample
                : times.map(s -> weighting.weight(path, s)).scale(perSample);
    }

    /**
     * Evaluates a network once and checks the shape of its answer.
     *
     * @param t time of each sample
     * @param xt the state [B, C, H, W]
     * @param y labels [B] int64
     * @return the prediction [B, C, H, W], in the type of {@code xt}
     */
    public Tensor predict(Network network, PerSample t, Tensor xt, Tensor y) {
        Tensor predicted = network.predict(xt, t.vector(xt), y);
        Shapes.require(predicted, "the network's prediction", Shapes.of(xt));
        return Tensors.to(predicted, DType.of(xt));
    }

    private Tensor residual(PerSample t, Tensor predicted, Tensor x0, Tensor x1) {
        return switch (prediction) {
            case VELOCITY -> predicted.sub(path.ut(t, x0, x1));
            case SCORE -> t.map(path::sigma).scale(predicted).add(x0);
            case NOISE -> predicted.sub(x0);
        };
    }

    /** Velocity on LINEAR and GVP is finite everywhere, VP is singular at t = 1 only, all else at both ends. */
    private TimeInterval regularInterval(double eps) {
        if (!path.isSingularAtNoise()) {
            return new TimeInterval(0, 1 - eps);
        }
        return prediction == Prediction.VELOCITY ? new TimeInterval(0, 1) : new TimeInterval(eps, 1 - eps);
    }

    private static void requireEps(String name, @Nullable Double eps) {
        if (eps != null && !(eps >= 0 && eps < 0.5)) {
            throw new IllegalArgumentException(name + " is " + eps + ", allowed are 0 to below 0.5");
        }
    }
}
