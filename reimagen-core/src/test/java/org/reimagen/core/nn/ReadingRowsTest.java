package org.reimagen.core.nn;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GroupNormImpl;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.reimagen.core.tensor.Ops;

class ReadingRowsTest {
    private static final float OFF = Float.NEGATIVE_INFINITY;

    private static ReadingRows rows(int k, float... logWeights) {
        return new ReadingRows(Ops.floats(logWeights, logWeights.length / k, k));
    }

    private static float[] numbers(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i;
        }
        return values;
    }

    @Test
    void onlyTheRowsThatReadAreComputed() {
        try (var _ = new PointerScope()) {
            ReadingRows rows = rows(2, 0, OFF, OFF, OFF, 0, 0);
            Tensor x = Ops.floats(numbers(6), 3, 2, 1);
            assertThat(Ops.toFloats(rows.of(x))).containsExactly(0, 1, 4, 5);
            Tensor read = Ops.scale(rows.of(x), 10);
            Tensor nothing = Ops.floats(new float[] {-1}, 1);
            assertThat(Ops.toFloats(rows.among(read, () -> nothing))).containsExactly(0, 10, -1, -1, 40, 50);
        }
    }

    @Test
    void aPictureStaysChannelsLast() {
        try (var _ = new PointerScope()) {
            Tensor x = Ops.channelsLast(torch.randn(3, 8, 4, 4));
            for (ReadingRows rows : new ReadingRows[] {rows(1, 0, OFF, OFF), rows(1, OFF, OFF, 0)}) {
                Tensor picked = rows.of(x);
                assertThat(picked.shape()).containsExactly(1, 8, 4, 4);
                assertThat(picked.is_contiguous(MemoryFormat.ChannelsLast)).isTrue();
            }
        }
    }

    @Test
    void noBiasIsAddedWhereAllIsReadInFull() {
        try (var _ = new PointerScope()) {
            assertThat(rows(2, 0, 0, OFF, OFF).bias(4)).isEmpty();
            Tensor bias = rows(2, 0, -1, OFF, OFF).bias(2).orElseThrow();
            assertThat(bias.shape()).containsExactly(1, 1, 1, 5);
            assertThat(Ops.toFloats(bias)).containsExactly(0, 0, 0, -1, -1);
        }
    }

    @Test
    void whereNobodyReadsAllRowsReadTheNull() {
        try (var _ = new PointerScope()) {
            Tensor x = Ops.floats(numbers(2), 2, 1, 1);
            ReadingRows none = rows(1, OFF, OFF);
            assertThat(Ops.toFloats(none.of(x))).containsExactly(0, 1);
            assertThat(Ops.toFloats(none.bias(1).orElseThrow())).containsExactly(0, OFF, 0, OFF);
            ReadingRows empty = new ReadingRows(torch.zeros(2, 0));
            assertThat(Ops.toFloats(empty.of(x))).containsExactly(0, 1);
            assertThat(empty.bias(1)).isEmpty();
        }
    }

    @Test
    void readingOnlySomeRowsIsReadingAllWithTheOthersRemoved() {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            NeighborAttention attention = new NeighborAttention(64, 80, 32, 8);
            for (Tensor p : attention.parameters().get()) {
                p.add_(Ops.scale(torch.randn(p.shape()), 0.1));
            }
            Tensor x = torch.randn(3, 64, 4, 4);
            KeyValue read = attention.project(
                    torch.randn(2, 64, 4, 4), torch.randn(2, 80, 4, 4), Ops.longs(new long[] {0, 1, 1, 0, 1, 1}, 3, 2));
            ReadingRows some = rows(2, OFF, OFF, 0, OFF, OFF, OFF);
            float[] together = Ops.toFloats(attention.forward(x, read, some));
            for (int b = 0; b < 3; b++) {
                Tensor alone = attention.forward(
                        x.narrow(0, b, 1),
                        new KeyValue(read.k().narrow(0, b, 1), read.v().narrow(0, b, 1)),
                        rows(2, b == 1 ? 0 : OFF, OFF));
                float[] expected = Ops.toFloats(alone);
                for (int i = 0; i < expected.length; i++) {
                    assertThat(together[b * expected.length + i])
                            .isCloseTo(expected[i], org.assertj.core.data.Offset.offset(1e-5f));
                }
            }
        }
    }

    @Test
    void groupsOfFewChannelsAreNormalisedAsAnyOther() {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            GroupNormImpl norm = new GroupNormImpl(8, 96);
            Tensor x = Ops.channelsLast(torch.randn(2, 96, 8, 8));
            Tensor turned = Layers.groupNorm(norm, x);
            assertThat(turned.is_contiguous(MemoryFormat.ChannelsLast)).isTrue();
            Tensor difference = turned.sub(norm.forward(x)).abs().max();
            assertThat(difference.to(ScalarType.Float).item_float()).isLessThan(1e-5f);
        }
    }
}
