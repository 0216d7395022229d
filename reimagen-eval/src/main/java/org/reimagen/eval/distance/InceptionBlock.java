package org.reimagen.eval.distance;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * One mixed block: branches over the same features, joined along the channels.
 *
 * <p>As in TensorFlow's network of 2015 that FID is defined by, average pooling leaves the padding out, and the last block's
 * pool is a maximum. Names of the branches are torchvision's.
 */
final class InceptionBlock extends Module {
    private final List<UnaryOperator<Tensor>> branches = new ArrayList<>();

    private InceptionBlock() {}

    private ConvNorm add(String name, ConvNorm conv) {
        return register_module(name, conv);
    }

    private void branch(ConvNorm... convs) {
        branches.add(x -> {
            Tensor h = x;
            for (ConvNorm conv : convs) {
                h = conv.forward(h);
            }
            return h;
        });
    }

    private void fork(List<ConvNorm> stem, ConvNorm left, ConvNorm right) {
        branches.add(x -> {
            Tensor h = x;
            for (ConvNorm conv : stem) {
                h = conv.forward(h);
            }
            return cat(List.of(left.forward(h), right.forward(h)));
        });
    }

    private void pooled(UnaryOperator<Tensor> pool, ConvNorm conv) {
        branches.add(x -> conv.forward(pool.apply(x)));
    }

    private static Tensor cat(List<Tensor> parts) {
        return torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 1);
    }

    /** {@code [B,in,H,W] -> [B,out,H',W']}. */
    Tensor forward(Tensor x) {
        return cat(branches.stream().map(branch -> branch.apply(x)).toList());
    }

    static Tensor averagePool(Tensor x) {
        return torch.avg_pool2d(
                x, new long[] {3, 3}, new long[] {1, 1}, new long[] {1, 1}, false, false, new LongOptional());
    }

    static Tensor maxPool(Tensor x, long stride, long padding) {
        return torch.max_pool2d(
                x,
                new long[] {3, 3},
                new long[] {stride, stride},
                new long[] {padding, padding},
                new long[] {1, 1},
                false);
    }

    /** Mixed_5b, 5c, 5d. */
    static InceptionBlock a(long in, long pool) {
        InceptionBlock b = new InceptionBlock();
        b.branch(b.add("branch1x1", new ConvNorm(in, 64, 1, 1)));
        b.branch(b.add("branch5x5_1", new ConvNorm(in, 48, 1, 1)), b.add("branch5x5_2", ConvNorm.same(48, 64, 5, 5)));
        b.branch(
                b.add("branch3x3dbl_1", new ConvNorm(in, 64, 1, 1)),
                b.add("branch3x3dbl_2", ConvNorm.same(64, 96, 3, 3)),
                b.add("branch3x3dbl_3", ConvNorm.same(96, 96, 3, 3)));
        b.pooled(InceptionBlock::averagePool, b.add("branch_pool", new ConvNorm(in, pool, 1, 1)));
        return b;
    }

    /** Mixed_6a: halves the size. */
    static InceptionBlock b(long in) {
        InceptionBlock b = new InceptionBlock();
        b.branch(b.add("branch3x3", new ConvNorm(in, 384, 3, 2)));
        b.branch(
                b.add("branch3x3dbl_1", new ConvNorm(in, 64, 1, 1)),
                b.add("branch3x3dbl_2", ConvNorm.same(64, 96, 3, 3)),
                b.add("branch3x3dbl_3", new ConvNorm(96, 96, 3, 2)));
        b.branches.add(x -> maxPool(x, 2, 0));
        return b;
    }

    /** Mixed_6b to 6e, with {@code c} channels inside. */
    static InceptionBlock c(long in, long c) {
        InceptionBlock b = new InceptionBlock();
        b.branch(b.add("branch1x1", new ConvNorm(in, 192, 1, 1)));
        b.branch(
                b.add("branch7x7_1", new ConvNorm(in, c, 1, 1)),
                b.add("branch7x7_2", ConvNorm.same(c, c, 1, 7)),
                b.add("branch7x7_3", ConvNorm.same(c, 192, 7, 1)));
        b.branch(
                b.add("branch7x7dbl_1", new ConvNorm(in, c, 1, 1)),
                b.add("branch7x7dbl_2", ConvNorm.same(c, c, 7, 1)),
                b.add("branch7x7dbl_3", ConvNorm.same(c, c, 1, 7)),
                b.add("branch7x7dbl_4", ConvNorm.same(c, c, 7, 1)),
                b.add("branch7x7dbl_5", ConvNorm.same(c, 192, 1, 7)));
        b.pooled(InceptionBlock::averagePool, b.add("branch_pool", new ConvNorm(in, 192, 1, 1)));
        return b;
    }

    /** Mixed_7a: halves the size. */
    static InceptionBlock d(long in) {
        InceptionBlock b = new InceptionBlock();
        b.branch(b.add("branch3x3_1", new ConvNorm(in, 192, 1, 1)), b.add("branch3x3_2", new ConvNorm(192, 320, 3, 2)));
        b.branch(
                b.add("branch7x7x3_1", new ConvNorm(in, 192, 1, 1)),
                b.add("branch7x7x3_2", ConvNorm.same(192, 192, 1, 7)),
                b.add("branch7x7x3_3", ConvNorm.same(192, 192, 7, 1)),
                b.add("branch7x7x3_4", new ConvNorm(192, 192, 3, 2)));
        b.branches.add(x -> maxPool(x, 2, 0));
        return b;
    }

    /** Mixed_7b with average pooling, Mixed_7c with the maximum. */
    static InceptionBlock e(long in, boolean maximum) {
        InceptionBlock b = new InceptionBlock();
        b.branch(b.add("branch1x1", new ConvNorm(in, 320, 1, 1)));
        b.fork(
                List.of(b.add("branch3x3_1", new ConvNorm(in, 384, 1, 1))),
                b.add("branch3x3_2a", ConvNorm.same(384, 384, 1, 3)),
                b.add("branch3x3_2b", ConvNorm.same(384, 384, 3, 1)));
        b.fork(
                List.of(
                        b.add("branch3x3dbl_1", new ConvNorm(in, 448, 1, 1)),
                        b.add("branch3x3dbl_2", ConvNorm.same(448, 384, 3, 3))),
                b.add("branch3x3dbl_3a", ConvNorm.same(384, 384, 1, 3)),
                b.add("branch3x3dbl_3b", ConvNorm.same(384, 384, 3, 1)));
        b.pooled(
                maximum ? x -> maxPool(x, 1, 1) : InceptionBlock::averagePool,
                b.add("branch_pool", new ConvNorm(in, 192, 1, 1)));
        return b;
    }
}
