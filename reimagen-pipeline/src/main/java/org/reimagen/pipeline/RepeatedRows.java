package org.reimagen.pipeline;

import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.diffusion.ConditionedModel;
import org.reimagen.core.diffusion.Conditions;

/**
 * A model whose rows are those of another, some of them several times.
 *
 * <p>Conditions are repeated only when it is asked; as soon as every row is left once it is the other model again. So the base, which is
 * asked after one of several layouts was chosen, conditions each scene once.
 */
final class RepeatedRows implements ConditionedModel {
    private final ConditionedModel model;
    private final List<Integer> rows;

    private final int all;

    private RepeatedRows(ConditionedModel model, List<Integer> rows, int all) {
        this.model = model;
        this.rows = List.copyOf(rows);
        this.all = all;
    }

    /**
     * {@code model} with these rows.
     *
     * @param rows ascending
     * @param all how many rows {@code model} has
     */
    static ConditionedModel of(ConditionedModel model, List<Integer> rows, int all) {
        if (new HashSet<>(rows).size() < rows.size()) {
            return new RepeatedRows(model, rows, all);
        }
        boolean same = rows.equals(IntStream.range(0, all).boxed().toList());
        return same ? model : model.select(rows);
    }

    @Override
    public Tensor predict(Tensor xt, double t, List<List<Conditions>> evaluations) {
        return model.select(rows).predict(xt, t, evaluations);
    }

    @Override
    public ConditionedModel select(List<Integer> kept) {
        return of(model, kept.stream().map(rows::get).toList(), all);
    }
}
