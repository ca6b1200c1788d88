package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.LossWeighting;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.TimeInterval;
import dev.mediator.transport.Transport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which times training and sampling run through, for all paths, predictions, ε, diffusions and last steps.
 *
 * <p>Where the reference has no value because it loses the sampling ε, the value of SiT's later fix counts, and where that
 * has none either, the default that {@link Transport} states. Velocity networks on LINEAR and GVP are held to {@link
 * Transport} too where the reference lets an SDE run into a singular end: with SBDM diffusion at t = 0, and without last step
 * at t = 1. The files give the way from data to noise in mirrored time, 1 − t.
 */
public final class TransportIntervalCheck implements GoldenCheck {
    private static final double TOLERANCE = 1e-12;
    private static final List<String> PATHS = List.of("Linear", "GVP", "VP");
    private static final List<String> PREDICTIONS = List.of("velocity", "score", "noise");
    private static final List<String> EPS_SETTINGS = List.of(
            "train=None,sample=None", "train=2e-3,sample=5e-3", "train=None,sample=5e-3", "train=2e-3,sample=None");

    @Override
    public boolean covers(String fileName, SafeTensors file) {
        return fileName.startsWith("transport_intervals");
    }

    @Override
    public List<GoldenResult> run(SafeTensors file, ComputeDevice device) {
        requireWords(file, "path", PATHS);
        requireWords(file, "prediction", PREDICTIONS);
        requireWords(file, "eps_setting", EPS_SETTINGS);
        try (Scope scope = Scope.open()) {
            Ends eps = new Ends(file, "eps.value");
            long[] epsKeys = Tensors.longs(file.get("eps.key")); // [rows, 3]
            for (int row = 0; row < epsKeys.length / 3; row++) {
                compareEps(eps, row, transport(epsKeys, 3 * row));
            }
            Ends intervals = new Ends(file, "interval.value");
            long[] keys = Tensors.longs(file.get("interval.key")); // [rows, 8]
            for (int row = 0; row < keys.length / 8; row++) {
                compareInterval(intervals, row, transport(keys, 8 * row), keys, 8 * row);
            }
            return List.of(eps.result(), intervals.result());
        }
    }

    /** The keys are indices into these lists. */
    private static void requireWords(SafeTensors file, String key, List<String> words) {
        if (!GoldenMetadata.words(file, key).equals(words)) {
            throw new IllegalArgumentException(file.file() + ": metadata '" + key + "' is not " + words);
        }
    }

    /** An ε shows in how far its interval keeps from t = 1; the reference's is 0 where nothing is ever cut. */
    private static void compareEps(Ends golden, int row, Transport transport) {
        golden.compare(row, 0, 1 - transport.trainInterval().end(), Double.NaN);
        boolean isLost = Double.isNaN(golden.at(row, 1));
        golden.compare(row, 1, 1 - transport.odeInterval().end(), isLost ? Transport.DEFAULT_EPS : Double.NaN);
    }

    /** Columns after path, prediction and ε: diffusion (0 is SBDM), SDE, reversed, sampling, last step (0 is none). */
    private static void compareInterval(Ends golden, int row, Transport transport, long[] keys, int at) {
        boolean isSbdm = keys[at + 3] == 0;
        boolean isSde = keys[at + 4] == 1;
        boolean isMirrored = keys[at + 5] == 1;
        boolean isSampling = keys[at + 6] == 1;
        double lastStepSize = keys[at + 7] == 0 ? 0 : 0.04;
        // The files also apply the SDE's rules to the training ε, which we never do: as if it were a sampling ε.
        double eps = isSampling ? transport.effectiveSampleEps() : transport.effectiveTrainEps();
        TimeInterval interval;
        if (isSde) {
            interval = withSampleEps(transport, eps).sdeInterval(isSbdm, lastStepSize);
        } else {
            interval = isSampling ? transport.odeInterval() : transport.trainInterval();
        }
        boolean runsIntoEnds =
                isSde && transport.path() != InterpolantPath.VP && transport.prediction() == Prediction.VELOCITY;
        double start = runsIntoEnds && isSbdm ? eps : Double.NaN;
        double end = runsIntoEnds && lastStepSize == 0 ? 1 - eps : Double.NaN;
        if (Double.isNaN(golden.at(row, 0))) {
            start = interval.start() == 0 ? 0 : eps;
        }
        if (Double.isNaN(golden.at(row, 1))) {
            end = 1 - (isSde && lastStepSize > 0 ? lastStepSize : eps);
        }
        golden.compare(row, 0, mirror(interval.start(), isMirrored), mirror(start, isMirrored));
        golden.compare(row, 1, mirror(interval.end(), isMirrored), mirror(end, isMirrored));
    }

    private static double mirror(double t, boolean isMirrored) {
        return isMirrored ? 1 - t : t;
    }

    private static Transport transport(long[] keys, int at) {
        InterpolantPath path = InterpolantPath.parse(PATHS.get((int) keys[at]));
        Prediction prediction = Prediction.parse(PREDICTIONS.get((int) keys[at + 1]));
        String setting = EPS_SETTINGS.get((int) keys[at + 2]);
        Double trainEps = setting.contains("train=2e-3") ? Double.valueOf(2e-3) : null;
        Double sampleEps = setting.contains("sample=5e-3") ? Double.valueOf(5e-3) : null;
        return new Transport(path, prediction, LossWeighting.NONE, trainEps, sampleEps);
    }

    private static Transport withSampleEps(Transport transport, @Nullable Double eps) {
        return new Transport(transport.path(), transport.prediction(), transport.weighting(), null, eps);
    }

    /** Two golden numbers per row, and how far ours are from them. */
    private static final class Ends {
        private final String name;
        private final double[] reference;
        private final double[] fixed;
        private double worst;
        private int compared;
        private int ownRule;

        Ends(SafeTensors file, String name) {
            this.name = name + ".f64";
            this.reference = Tensors.doubles(file.get(this.name));
            this.fixed = Tensors.doubles(file.get(name + "_upstream_fix.f64"));
        }

        /** The reference's number, else that of its later fix, else NaN. */
        double at(int row, int column) {
            double value = reference[2 * row + column];
            return Double.isNaN(value) ? fixed[2 * row + column] : value;
        }

        /** Compares with the golden number, or with our own rule if that is not NaN. */
        void compare(int row, int column, double ours, double rule) {
            double golden = at(row, column);
            if (Double.isNaN(rule)) {
                worst = Math.max(worst, Math.abs(ours - golden));
                compared++;
                return;
            }
            worst = Math.max(worst, Math.abs(ours - rule));
            ownRule++;
            if (!Double.isNaN(golden)) { // then it must be the singular end that our rule keeps from
                worst = Math.max(worst, Math.min(Math.abs(golden), Math.abs(1 - golden)));
            }
        }

        GoldenResult result() {
            return GoldenResult.of(
                    name,
                    worst,
                    TOLERANCE,
                    "absolute; " + compared + " numbers agree, " + ownRule
                            + " are held to this library's rule, where the reference fails");
        }
    }
}
