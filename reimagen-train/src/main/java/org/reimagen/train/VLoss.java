package org.reimagen.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.reimagen.core.model.Conditioning;
import org.reimagen.core.model.NeighborFeatures;
import org.reimagen.core.model.NeighborInput;
import org.reimagen.core.model.TextInput;
import org.reimagen.core.model.UNet;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.train.data.GroupBatch;

/**
 * The training loss: mean of ‖v − v_θ(x_t, c_p, c_n, t)‖² over a batch of groups.
 *
 * <p>Every picture of a group is encoded once as a neighbour, at t = 0, and read by the others. Times are stratified over the
 * batch; noise and times come from (seed, step) alone. With an emphasis on flat areas the guess of x_0 at low noise also answers for {@link
 * #unevenness}. <b>Source</b>: Re-Imagen, arXiv 2209.14491, equation 3, for v.
 */
public final class VLoss {
    private static final double FLAT_BELOW = 0.5; // earlier the guess of x_0 is blurred, and has no flat areas to keep
    private static final double ALIKE = 0.01; // of the range -1 to 1

    private final UNet net;
    private final TextEncoder encoder;
    private final long seed;
    private final TrainingConfig.Emphasis emphasis;
    private final double fromTime;

    /**
     * The loss of {@code net}, whose captions {@code encoder} encodes.
     *
     * @param data whose seed and emphasis count
     * @param fromTime the earliest time that it learns from, in [0,1) and before the latest of {@code data}
     */
    public VLoss(UNet net, TextEncoder encoder, TrainingConfig.Data data, double fromTime) {
        this.net = net;
        this.encoder = encoder;
        this.seed = data.seed();
        this.emphasis = data.emphasis();
        this.fromTime = fromTime;
    }

    /** What a step's loss is made from, on the heap: nothing native, so that any thread may prepare it. */
    public static final class Prepared {
        private final GroupBatch groups;
        private final List<EncodedText> texts;
        private final float[] times; // [B] in (0,1)
        private final float[] noise; // [B,3,side,side]

        private Prepared(GroupBatch groups, List<EncodedText> texts, float[] times, float[] noise) {
            this.groups = groups;
            this.texts = texts;
            this.times = times;
            this.noise = noise;
        }

        /** At most so many parts of about the same size, group by group. */
        List<Prepared> parts(int most) {
            int groups = times.length / GroupBatch.GROUP;
            int count = Math.min(most, groups);
            List<Prepared> parts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                parts.add(part(i * groups / count, (i + 1) * groups / count));
            }
            return parts;
        }

        private Prepared part(int first, int last) {
            int from = first * GroupBatch.GROUP;
            int to = last * GroupBatch.GROUP;
            int pixels = noise.length / times.length;
            return new Prepared(
                    groups.part(first, last),
                    texts.subList(from, to),
                    Arrays.copyOfRange(times, from, to),
                    Arrays.copyOfRange(noise, from * pixels, to * pixels));
        }

        /** This part's share of the whole batch, in (0,1]. */
        double share(Prepared whole) {
            return (double) times.length / whole.times.length;
        }
    }

    /** Encodes the captions and draws times and noise. <b>Thread-safety</b>: safe. */
    public Prepared prepare(GroupBatch groups, long step) {
        List<EncodedText> texts =
                groups.captions().stream().map(encoder::encode).toList();
        RandomGenerator random =
                RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 0x9E3779B97F4A7C15L + ~step);
        float[] times = Draws.times(random, groups.size(), fromTime, emphasis);
        return new Prepared(groups, texts, times, Draws.normal(random, groups.pictures().length));
    }

    /** A scalar with its graph. <b>Owns</b>: the innermost open scope. */
    public Tensor of(Prepared prepared) {
        GroupBatch batch = prepared.groups;
        int b = batch.size();
        Tensor x0 = Ops.channelsLast(Ops.floats(batch.pictures(), b, 3, batch.side(), batch.side()));
        TextInput text =
                TextBatches.of(encoder.dim(), prepared.texts, batch.drops().text());
        Tensor keepAll = torch.ones(b).to(ScalarType.Bool);
        TextInput captions = new TextInput(text.states(), text.mask(), text.pooled(), keepAll);
        NeighborFeatures features = net.encodeNeighbors(x0, captions);
        Tensor index = Ops.longs(batch.index(), b, batch.neighbors());
        Conditioning conditioning = net.condition(text, new NeighborInput(features, index, logWeights(batch)));
        Tensor t = Ops.floats(prepared.times, b);
        Tensor angle = Ops.scale(t, Math.PI / 2).reshape(b, 1, 1, 1);
        Tensor noise = Ops.channelsLast(Ops.floats(prepared.noise, x0.shape()));
        Tensor xt = angle.cos().mul(x0).add(angle.sin().mul(noise));
        Tensor v = angle.cos().mul(noise).sub(angle.sin().mul(x0));
        Tensor out = net.forward(xt, t, conditioning).to(ScalarType.Float);
        Tensor loss = out.sub(v).square().mean();
        if (emphasis.flat() == 0) {
            return loss;
        }
        Tensor guess = angle.cos().mul(xt).sub(angle.sin().mul(out)); // of x_0
        Tensor low = t.lt(new Scalar(FLAT_BELOW)).to(ScalarType.Float);
        return loss.add(Ops.scale(unevenness(guess, x0).mul(low).mean(), emphasis.flat()));
    }

    /**
     * Mean difference of neighbouring pixels that are alike in the true picture: [B,3,S,S] twice → [B], at least 0. A mean square hardly
     * sees faint blotches in flat areas beside the errors of edges; the eye does.
     */
    static Tensor unevenness(Tensor drawn, Tensor truth) {
        Tensor sum = torch.zeros(drawn.size(0));
        for (int side = 2; side <= 3; side++) {
            long length = drawn.size(side) - 1;
            Tensor step = drawn.narrow(side, 1, length)
                    .sub(drawn.narrow(side, 0, length))
                    .abs();
            Tensor alike = truth.narrow(side, 1, length)
                    .sub(truth.narrow(side, 0, length))
                    .abs()
                    .lt(new Scalar(ALIKE))
                    .to(ScalarType.Float);
            sum = sum.add(step.mul(alike).mean(1, 2, 3));
        }
        return sum;
    }

    private static Tensor logWeights(GroupBatch batch) {
        float[] weights = new float[batch.size() * batch.neighbors()];
        for (int i = 0; i < weights.length; i++) {
            boolean dropped = batch.drops().neighbors().get(i / batch.neighbors());
            weights[i] = dropped ? Float.NEGATIVE_INFINITY : 0;
        }
        return Ops.floats(weights, batch.size(), batch.neighbors());
    }
}
