package org.reimagen.core.model;

import static org.bytedeco.pytorch.global.torch.silu;
import static org.reimagen.core.tensor.Ops.cat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.nn.KeyValue;
import org.reimagen.core.nn.Layers;
import org.reimagen.core.nn.Positions;
import org.reimagen.core.tensor.Ops;

/**
 * The Re-Imagen network: predicts v of x_t from the text and from the neighbours' pictures and captions.
 *
 * <p>Its down-sampling half, {@link DStack}, also encodes the neighbours, at t = 0; its up-sampling half, {@link UStack},
 * attends to them. Text, neighbours or both may be dropped by row; learned nulls stand in. <b>Source</b>: Re-Imagen, arXiv
 * 2209.14491, section 3.2. <b>Owns</b>: its parameters; build it outside every scope. <b>Thread-safety</b>: forward may run
 * on several threads while no parameter changes.
 */
public final class UNet extends Module {
    /** Submodules that start at zero, so that a network without them is the same: a file may lack them. */
    public static final List<String> MAY_LACK = List.of("dstack.blend");

    private final UNetConfig config;
    private final LinearImpl timeIn;
    private final LinearImpl timeOut;
    private final LayerNormImpl pooledNorm;
    private final LinearImpl pooledIn;
    private final LinearImpl pooledOut;
    private final Tensor pooledNull;
    private final LayerNormImpl textNorm;
    private final LinearImpl textProj;
    private final Tensor textNull;
    private final DStack dstack;
    private final UStack ustack;

    /** Builds the network with LibTorch's default initialisation, every residual path starting at zero. */
    public UNet(UNetConfig config) {
        this.config = config;
        int e = config.embedDim();
        int d = config.textDim();
        timeIn = register_module("time_in", new LinearImpl(e, e));
        timeOut = register_module("time_out", new LinearImpl(e, e));
        pooledNorm = register_module("pooled_norm", new LayerNormImpl(new LongVector(new long[] {d})));
        pooledIn = register_module("pooled_in", new LinearImpl(d, e));
        pooledOut = register_module("pooled_out", new LinearImpl(e, e));
        pooledNull = Layers.parameter(this, "pooled_null", e);
        textNorm = register_module("text_norm", new LayerNormImpl(new LongVector(new long[] {d})));
        textProj = register_module("text_proj", new LinearImpl(d, e));
        textNull = Layers.parameter(this, "text_null", e);
        dstack = register_module("dstack", new DStack(config));
        ustack = register_module("ustack", new UStack(config));
    }

    /** The network's shape. */
    public UNetConfig config() {
        return config;
    }

    /**
     * Encodes N neighbours once, at t = 0, with their own captions.
     *
     * @param images {@code [N,3,H,W]} float32 in [-1,1]
     * @param captions of the N neighbours
     */
    public NeighborFeatures encodeNeighbors(Tensor images, TextInput captions) {
        checkImages(images);
        Tensor text = tokens(captions);
        Conditioning alone =
                conditioning(captions, dstack.project(text), Map.of(), emptyWeights(images), Optional.empty());
        Tensor embedding = embedding(images.new_zeros(images.size(0)), alone);
        List<List<Tensor>> levels = dstack.forward(images, embedding, alone.text(), alone.textBias(), Optional.empty());
        Map<Integer, Tensor> features = new HashMap<>();
        Map<Integer, Tensor> values = new HashMap<>();
        for (int i = 0; i < levels.size(); i++) {
            if (config.attention().get(i)) {
                Tensor finer = torch.pixel_unshuffle(levels.get(i - 1).getLast(), 2);
                features.put(i, levels.get(i).getLast());
                values.put(i, cat(1, levels.get(i).getLast(), finer));
            }
        }
        return new NeighborFeatures(features, values, images);
    }

    private static Tensor emptyWeights(Tensor images) {
        return images.new_zeros(images.size(0), 0);
    }

    /** Projects text and neighbours for every attention layer; done once per picture. */
    public Conditioning condition(TextInput text, NeighborInput neighbors) {
        Ops.checkShape("neighbour index", neighbors.index(), text.states().size(0), -1);
        Tensor tokens = tokens(text);
        Map<String, KeyValue> keys = new HashMap<>(dstack.project(tokens));
        keys.putAll(ustack.project(tokens));
        Map<String, KeyValue> read = ustack.project(neighbors.features(), neighbors.index());
        return conditioning(text, keys, read, neighbors.logWeights(), dstack.blend(neighbors));
    }

    private Conditioning conditioning(
            TextInput text,
            Map<String, KeyValue> keys,
            Map<String, KeyValue> neighbors,
            Tensor logWeights,
            Optional<Tensor> blend) {
        Tensor pooled = pooledOut.forward(silu(pooledIn.forward(pooledNorm.forward(text.pooled()))));
        return new Conditioning(pooled, pooledNull, text.mask(), text.keep(), keys, neighbors, logWeights, blend);
    }

    private Tensor tokens(TextInput text) {
        Ops.checkShape("text states", text.states(), -1, -1, config.textDim());
        Tensor projected = textProj.forward(textNorm.forward(text.states()));
        Tensor nulls = textNull.expand(projected.size(0), 1, projected.size(2)).to(projected.scalar_type());
        return cat(1, nulls, projected); // [B,1+L,E]
    }

    private Tensor embedding(Tensor t, Conditioning conditioning) {
        Tensor time = timeOut.forward(silu(timeIn.forward(Positions.time(t, config.embedDim()))));
        return time.add(conditioning.pooledOrNull());
    }

    /**
     * The network's prediction of v.
     *
     * <p><b>Shape</b> {@code xt [B,3,H,W] float32, t [B] float32 in [0,1] -> [B,3,H,W]}.
     */
    public Tensor forward(Tensor xt, Tensor t, Conditioning conditioning) {
        checkImages(xt);
        Ops.checkShape("t", t, xt.size(0));
        Tensor embedding = embedding(t, conditioning);
        Optional<Tensor> textBias = conditioning.textBias();
        List<List<Tensor>> levels = dstack.forward(xt, embedding, conditioning.text(), textBias, conditioning.blend());
        return ustack.forward(levels, embedding, conditioning, textBias);
    }

    private void checkImages(Tensor images) {
        Ops.checkShape("picture", images, -1, config.imageChannels(), -1, images.size(2));
        if (images.size(2) % config.sizeMultiple() != 0) {
            throw new IllegalArgumentException(
                    "picture side " + images.size(2) + " is no multiple of " + config.sizeMultiple());
        }
    }
}
