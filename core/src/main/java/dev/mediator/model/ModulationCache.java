package dev.mediator.model;

import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Modulations of a network's layers by time and class. They read a third of all weights for one row of values, and in
 * sampling they come back: all samples of a step stand at one time, a two-stage solver evaluates most times twice, and the
 * next batch goes through the same times again. So each is computed once, and the ones used last are kept.
 *
 * <p>They are computed {@value #ROWS} at a time, missing ones filled up with repetitions: products of another number of
 * rows may round otherwise, and an image must not depend on what was computed before it or with it.
 */
final class ModulationCache implements AutoCloseable {
    private static final int ROWS = 16;
    private static final long LIMIT_BYTES = 64L << 20;

    private record Condition(float t, long y) {}

    private final Map<Condition, Tensor> rows =
            new LinkedHashMap<>(16, 0.75f, true); // [1, all widths], least used first
    private long[] widths = {};
    private long bytes;
    private long macsPerRow;

    /**
     * Modulations of a batch.
     *
     * @param t [B] fp32, on the host as {@code y} is: a card would have to be waited for
     * @param y [B] int64
     * @param compute from t [{@value #ROWS}] and y [{@value #ROWS}] to the modulations of each layer, [{@value #ROWS}, width]
     * @return of all layers side by side, [B, all widths], for {@link #split}
     */
    Tensor of(Tensor t, Tensor y, BiFunction<Tensor, Tensor, List<Tensor>> compute) {
        List<Condition> batch = conditions(t, y);
        Map<Condition, Integer> distinct = new LinkedHashMap<>();
        batch.forEach(condition -> distinct.putIfAbsent(condition, distinct.size()));
        List<Condition> missing = distinct.keySet().stream()
                .filter(condition -> !rows.containsKey(condition))
                .toList();
        for (int from = 0; from < missing.size(); from += ROWS) {
            add(missing.subList(from, Math.min(from + ROWS, missing.size())), compute);
        }
        Tensor all = Ops.cat(0, distinct.keySet().stream().map(rows::get).toArray(Tensor[]::new));
        long[] places = batch.stream().mapToLong(distinct::get).toArray();
        Tensor ofBatch = Ops.select(all, 0, places); // [B, all widths]
        evict();
        MacCounter.count(macsPerRow * batch.size());
        return ofBatch;
    }

    /** Modulations of each layer, [B, width], of those of all, [B, all widths]: views. */
    List<Tensor> split(Tensor all) {
        List<Tensor> ofLayers = new ArrayList<>();
        long begin = 0;
        for (long width : widths) {
            ofLayers.add(all.narrow(1, begin, width));
            begin += width;
        }
        return ofLayers;
    }

    private static List<Condition> conditions(Tensor t, Tensor y) {
        double[] times = Tensors.doubles(t);
        long[] labels = Tensors.longs(y);
        return IntStream.range(0, times.length)
                .mapToObj(i -> new Condition((float) times[i], labels[i]))
                .toList();
    }

    private void add(List<Condition> missing, BiFunction<Tensor, Tensor, List<Tensor>> compute) {
        float[] t = new float[ROWS];
        long[] y = new long[ROWS];
        for (int i = 0; i < ROWS; i++) {
            Condition condition = missing.get(Math.min(i, missing.size() - 1));
            t[i] = condition.t();
            y[i] = condition.y();
        }
        try (Scope scope = Scope.open()) {
            List<Tensor> ofLayers = MacCounter.uncounted(() -> counted(t, y, compute));
            widths = ofLayers.stream().mapToLong(layer -> layer.size(1)).toArray();
            Tensor all = Ops.cat(1, ofLayers.toArray(Tensor[]::new));
            Tensor asked = all.narrow(0, 0, missing.size()).clone(); // without the repetitions
            for (int i = 0; i < missing.size(); i++) {
                Tensor row = scope.release(asked.narrow(0, i, 1));
                rows.put(missing.get(i), row);
                bytes += row.nbytes();
            }
        }
    }

    private List<Tensor> counted(float[] t, long[] y, BiFunction<Tensor, Tensor, List<Tensor>> compute) {
        try (MacCounter counter = MacCounter.open()) {
            List<Tensor> ofLayers = compute.apply(Tensors.of(t, ROWS), Tensors.of(y, ROWS));
            macsPerRow = counter.macs() / ROWS;
            return ofLayers;
        }
    }

    private void evict() {
        Iterator<Tensor> leastUsed = rows.values().iterator();
        while (bytes > LIMIT_BYTES) {
            Tensor row = leastUsed.next();
            bytes -= row.nbytes();
            row.close();
            leastUsed.remove();
        }
    }

    @Override
    public void close() {
        rows.values().forEach(Tensor::close);
        rows.clear();
    }
}
