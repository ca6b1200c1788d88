package dev.mediator.sampling;

/** Orders of convergence, by regression. */
final class Slope {
    private Slope() {}

    /** Least-squares slope of log error over log step. */
    static double ofLogs(double[] steps, double[] errors) {
        double meanX = 0;
        double meanY = 0;
        for (int i = 0; i < steps.length; i++) {
            meanX += Math.log(steps[i]) / steps.length;
            meanY += Math.log(errors[i]) / steps.length;
        }
        double covariance = 0;
        double variance = 0;
        for (int i = 0; i < steps.length; i++) {
            covariance += (Math.log(steps[i]) - meanX) * (Math.log(errors[i]) - meanY);
            variance += (Math.log(steps[i]) - meanX) * (Math.log(steps[i]) - meanX);
        }
        return covariance / variance;
    }
}
