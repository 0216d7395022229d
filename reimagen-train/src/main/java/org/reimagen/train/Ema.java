package org.reimagen.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.tensor.Ops;
import org.reimagen.core.tensor.Scopes;

/**
 * Exponential moving averages of parameters: what is sampled and published.
 *
 * <p>The decay warms up as min(limit, (1 + step)/(10 + step)). <b>Owns</b>: the averages.
 */
public final class Ema {
    private final Map<String, Tensor> averages = new LinkedHashMap<>();
    private final double limit;

    /** Averages that start at the parameters' values; {@code limit} in [0,1). */
    public Ema(Map<String, Tensor> parameters, double limit) {
        this.limit = limit;
        parameters.forEach(
                (name, p) -> averages.put(name, Scopes.keep(p.detach().clone())));
    }

    /** Moves the averages towards the parameters; {@code step} from 1. */
    public void update(Map<String, Tensor> parameters, long step) {
        double decay = Math.min(limit, (double) step / (9 + step));
        averages.forEach((name, average) ->
                average.lerp_(Objects.requireNonNull(parameters.get(name)).detach(), Ops.scalar(1 - decay)));
    }

    /** The averages by name: live tensors. */
    public Map<String, Tensor> averages() {
        return Map.copyOf(averages);
    }
}
