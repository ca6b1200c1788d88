package dev.mediator.checkpoint.pickle;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of an {@code argparse.Namespace} or {@code types.SimpleNamespace}, which has no other content.
 *
 * <p>For one thread at a time: that which reads the file.
 */
public final class Namespace implements PickleObject {
    private final Map<@Nullable Object, @Nullable Object> attributes = new LinkedHashMap<>();

    /** Attribute name → value, in their order. */
    public Map<@Nullable Object, @Nullable Object> attributes() {
        return Collections.unmodifiableMap(attributes);
    }

    @Override
    public void build(@Nullable Object state, PickleBudget budget) throws PickleException {
        if (!(state instanceof Map<?, ?> values)) {
            throw new PickleException("a namespace in it has no attributes, but " + Arguments.kind(state));
        }
        budget.chargeMap(values.size());
        attributes.putAll(values);
    }
}
