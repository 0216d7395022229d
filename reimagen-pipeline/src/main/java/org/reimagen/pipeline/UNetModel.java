package org.reimagen.pipeline;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.reimagen.core.diffusion.ConditionedModel;
import org.reimagen.core.diffusion.Conditions;
import org.reimagen.core.model.Conditioning;
import org.reimagen.core.model.UNet;
import org.reimagen.core.tensor.Ops;

/** The network with its conditioning, evaluated under several conditions in one batch. */
public final class UNetModel implements ConditionedModel {
    private final UNet net;
    private final Conditioning conditioning;
    private final boolean[] negative;

    /**
     * A network that draws under one conditioning.
     *
     * @param conditioning of the B pictures; lives as long as this model. <b>Owns</b>: the innermost open scope
     */
    public UNetModel(UNet net, Conditioning conditioning) {
        this(net, conditioning, new boolean[0]);
    }

    /**
     * A network that draws under one conditioning and away from another.
     *
     * @param conditioning of the B pictures, and after them, row by row, of what they move away from where the text would be
     *     dropped; B rows alone if {@code negative} is empty. <b>Owns</b>: the innermost open scope
     * @param negative B flags, or none: which pictures have something to move away from; the others drop their text
     */
    UNetModel(UNet net, Conditioning conditioning, boolean[] negative) {
        this.net = net;
        this.conditioning = conditioning;
        this.negative = negative.clone();
    }

    @Override
    public Tensor predict(Tensor xt, double t, List<List<Conditions>> evaluations) {
        int e = evaluations.size();
        long rows = e * xt.size(0);
        boolean[] text = flags(evaluations, true, rows);
        Conditioning read = (negative.length > 0 ? conditioning.select(replaced(text)) : tiled(e))
                .keeping(Ops.booleans(text, rows), Ops.booleans(flags(evaluations, false, rows), rows));
        Tensor tiledXt = Ops.channelsLast(xt.repeat(e, 1, 1, 1));
        Tensor times = Ops.scale(torch.ones(rows), t);
        Tensor out = net.forward(tiledXt, times, read).to(ScalarType.Float);
        return out.contiguous().reshape(e, xt.size(0), xt.size(1), xt.size(2), xt.size(3));
    }

    private Conditioning tiled(int times) {
        return times == 1 ? conditioning : conditioning.tile(times);
    }

    @Override
    public UNetModel select(List<Integer> rows) {
        long[] kept = rows.stream().mapToLong(Integer::longValue).toArray();
        if (negative.length == 0) {
            return new UNetModel(net, conditioning.select(Ops.longs(kept, kept.length)));
        }
        boolean[] left = new boolean[kept.length];
        long[] both = Arrays.copyOf(kept, 2 * kept.length);
        for (int i = 0; i < kept.length; i++) {
            left[i] = negative[(int) kept[i]];
            both[kept.length + i] = negative.length + kept[i];
        }
        return new UNetModel(net, conditioning.select(Ops.longs(both, both.length)), left);
    }

    /** Row of the condition that each evaluation reads; sets {@code text} where a negative prompt stands in. */
    private Tensor replaced(boolean[] text) {
        long[] rows = new long[text.length];
        for (int i = 0; i < rows.length; i++) {
            int picture = i % negative.length;
            boolean stands = !text[i] && negative[picture];
            rows[i] = stands ? negative.length + picture : picture;
            text[i] |= stands;
        }
        return Ops.longs(rows, rows.length);
    }

    private static boolean[] flags(List<List<Conditions>> evaluations, boolean text, long rows) {
        boolean[] flags = new boolean[Math.toIntExact(rows)];
        int at = 0;
        for (List<Conditions> evaluation : evaluations) {
            for (Conditions conditions : evaluation) {
                flags[at++] = text ? conditions.text() : conditions.neighbors();
            }
        }
        return flags;
    }
}
