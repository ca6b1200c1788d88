package dev.mediator.data;

/**
 * How batches are drawn from a data set.
 *
 * @param seed seed of order and mirroring
 * @param flip whether half of the samples are mirrored
 * @param batchSize images of one step over all shards
 * @param shard which part of every batch this loader yields, in [0, shardCount); 0 when one process trains alone
 * @param shardCount number of processes that share every batch evenly
 * @param workers background threads; 0 loads on the consuming thread
 * @param batchesAhead batches prepared before they are asked for; bounds the memory used
 */
public record LoaderConfig(
        long seed, boolean flip, int batchSize, int shard, int shardCount, int workers, int batchesAhead) {
    /** One thread keeps up with small images, a second helps with decoding of photographs. */
    private static final int DEFAULT_WORKERS = 1;

    private static final int DEFAULT_BATCHES_AHEAD = 4;

    public LoaderConfig {
        requireRange("batchSize", batchSize, 1, 1 << 20);
        requireRange("shardCount", shardCount, 1, batchSize);
        requireRange("shard", shard, 0, shardCount - 1);
        requireRange("workers", workers, 0, 64);
        requireRange("batchesAhead", batchesAhead, 1, 1024);
        if (batchSize % shardCount != 0) {
            throw new IllegalArgumentException(
                    "batchSize is " + batchSize + ", allowed are multiples of shardCount " + shardCount);
        }
    }

    /** Batches for one process, loaded in the background. */
    public static LoaderConfig of(long seed, boolean flip, int batchSize) {
        return new LoaderConfig(seed, flip, batchSize, 0, 1, DEFAULT_WORKERS, DEFAULT_BATCHES_AHEAD);
    }

    /** The same batches, of which this loader yields one even part. */
    public LoaderConfig withShard(int index, int count) {
        return new LoaderConfig(seed, flip, batchSize, index, count, workers, batchesAhead);
    }

    /** The same batches, prepared by this many background threads. */
    public LoaderConfig withWorkers(int count) {
        return new LoaderConfig(seed, flip, batchSize, shard, shardCount, count, batchesAhead);
    }

    /** Images of one step in this loader's part. */
    public int shardSize() {
        return batchSize / shardCount;
    }

    private static void requireRange(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " is " + value + ", allowed are " + min + " to " + max);
        }
    }
}
