package dev.mediator.codec;

/**
 * Mean and variance of each channel, from parts put together (Chan, Golub and LeVeque, "Algorithms for computing the sample
 * variance", 1983), which loses no digits as sums of squares do.
 */
final class ChannelMoments {
    private final int batch;
    private final int channels;
    private final double[] mean; // [B, C]
    private final double[] squares; // [B, C], sums of squared distances from the mean
    private long count; // pixels so far

    ChannelMoments(int batch, int channels) {
        this.batch = batch;
        this.channels = channels;
        mean = new double[batch * channels];
        squares = new double[batch * channels];
    }

    /**
     * Adds a part.
     *
     * @param pixels of each channel
     * @param partMean [B, C]
     * @param partVariance [B, C], divided by their number
     */
    void add(long pixels, double[] partMean, double[] partVariance) {
        long total = count + pixels;
        for (int i = 0; i < mean.length; i++) {
            double delta = partMean[i] - mean[i];
            squares[i] += partVariance[i] * pixels + delta * delta * count * pixels / total;
            mean[i] += delta * pixels / total;
        }
        count = total;
    }

    /**
     * Statistics of each channel's group.
     *
     * @param mean [B, C]
     * @param variance [B, C], divided by the number of values
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on at once, never compared
    record Groups(double[] mean, double[] variance) {}

    /** Statistics of groups of neighbouring channels, repeated for each of their channels. */
    Groups groups(int groups) {
        int each = channels / groups;
        Groups result = new Groups(new double[mean.length], new double[mean.length]);
        for (int first = 0; first < batch * channels; first += each) {
            double center = 0;
            for (int i = first; i < first + each; i++) {
                center += mean[i] / each;
            }
            double sum = 0;
            for (int i = first; i < first + each; i++) {
                double delta = mean[i] - center;
                sum += squares[i] + delta * delta * count;
            }
            for (int i = first; i < first + each; i++) {
                result.mean[i] = center;
                result.variance[i] = sum / ((double) count * each);
            }
        }
        return result;
    }
}
