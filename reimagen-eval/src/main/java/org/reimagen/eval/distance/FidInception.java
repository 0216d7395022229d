package org.reimagen.eval.distance;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The Inception network of 2015 that FID is defined by, up to its last pooling.
 *
 * <p><b>Shape</b> {@code [B,3,H,W] float32 in [-1,1] -> [B,2048]}, H and W at least 75. Parameters carry pytorch-fid's names.
 * <b>Source</b>: Szegedy et al., arXiv 1512.00567; Heusel et al., arXiv 1706.08500.
 */
final class FidInception extends Module {
    /** Components of a feature vector. */
    static final int DIM = 2048;

    private final List<UnaryOperator<Tensor>> steps = new ArrayList<>();

    FidInception() {
        add("Conv2d_1a_3x3", new ConvNorm(3, 32, 3, 2));
        add("Conv2d_2a_3x3", new ConvNorm(32, 32, 3, 1));
        add("Conv2d_2b_3x3", ConvNorm.same(32, 64, 3, 3));
        steps.add(x -> InceptionBlock.maxPool(x, 2, 0));
        add("Conv2d_3b_1x1", new ConvNorm(64, 80, 1, 1));
        add("Conv2d_4a_3x3", new ConvNorm(80, 192, 3, 1));
        steps.add(x -> InceptionBlock.maxPool(x, 2, 0));
        add("Mixed_5b", InceptionBlock.a(192, 32));
        add("Mixed_5c", InceptionBlock.a(256, 64));
        add("Mixed_5d", InceptionBlock.a(288, 64));
        add("Mixed_6a", InceptionBlock.b(288));
        add("Mixed_6b", InceptionBlock.c(768, 128));
        add("Mixed_6c", InceptionBlock.c(768, 160));
        add("Mixed_6d", InceptionBlock.c(768, 160));
        add("Mixed_6e", InceptionBlock.c(768, 192));
        add("Mixed_7a", InceptionBlock.d(768));
        add("Mixed_7b", InceptionBlock.e(1280, false));
        add("Mixed_7c", InceptionBlock.e(2048, true));
    }

    private void add(String name, ConvNorm conv) {
        ConvNorm registered = register_module(name, conv);
        steps.add(registered::forward);
    }

    private void add(String name, InceptionBlock block) {
        InceptionBlock registered = register_module(name, block);
        steps.add(registered::forward);
    }

    /** Features of pictures. */
    Tensor forward(Tensor x) {
        Tensor h = x;
        for (UnaryOperator<Tensor> step : steps) {
            h = step.apply(h);
        }
        return torch.adaptive_avg_pool2d(h, 1, 1).flatten(1, 3); // [B,2048]
    }
}
