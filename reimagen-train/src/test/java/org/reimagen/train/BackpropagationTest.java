package org.reimagen.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.SuperResolutionConfig;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.core.tensor.Ops;
import org.reimagen.core.tensor.Team;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.train.data.CropDataset;
import org.reimagen.train.data.CropSetBuilder;
import org.reimagen.train.data.DatasetBuilder;
import org.reimagen.train.data.KnnDataset;

/** Gradients of parts learned from side by side against those of the whole batch. */
class BackpropagationTest {
    private static final Team TEAM = new Team(2);

    @TempDir
    static Path folder = Path.of("");

    private static KnowledgeBase base;

    @BeforeAll
    static void makeBase() {
        torch.set_num_threads(1);
        TrainingTest.drawTwenty(folder.resolve("kb"));
        base = KnowledgeBase.open(folder.resolve("kb"));
    }

    @AfterAll
    static void close() {
        base.close();
        TEAM.close();
    }

    private static StageTraining first() {
        Path set = folder.resolve("set");
        if (!set.toFile().exists()) {
            new DatasetBuilder(base).build(set, 32, n -> {});
        }
        StageConfig stage = new StageConfig(UNetConfig.tiny(), 32, "words");
        return awake(new BaseTraining(
                stage,
                new TrainingConfig.Data(3, 12, 4, new TrainingConfig.Emphasis(1.5, 0.9, 2)),
                KnnDataset.open(set),
                new TrainingTest.WordEncoder()));
    }

    private static StageTraining later() {
        Path set = folder.resolve("crops");
        new CropSetBuilder(base).build(set, new CropSetBuilder.Plan(64, 32, 100, 1), n -> {});
        SuperResolutionStageConfig stage = new SuperResolutionStageConfig(SuperResolutionConfig.tiny(), 16, 64);
        return awake(new SuperResolutionTraining(
                stage, new TrainingConfig.Data(3, 8, 0), CropDataset.open(set), 16, new TrainingTest.WordEncoder()));
    }

    /** What starts at zero would hide the gradients behind it. */
    private static StageTraining awake(StageTraining training) {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            Weights.named(training.network())
                    .values()
                    .forEach(p -> p.detach().add_(torch.randn(p.shape()), Ops.scalar(0.05)));
        }
        return training;
    }

    /** Loss and gradients of the batch at step 5, in so many parts. */
    private record Learned(double loss, Map<String, float[]> gradients) {
        static Learned from(StageTraining training, int parts, boolean bfloat16) {
            Map<String, Tensor> parameters = Weights.named(training.network());
            try (var _ = new PointerScope()) {
                parameters.values().forEach(p -> p.mutable_grad().put(new Tensor()));
                List<Supplier<Tensor>> losses = training.deal(5).losses(parts);
                assertThat(losses).hasSizeLessThanOrEqualTo(parts);
                double loss = new Backpropagation(parameters, TEAM, bfloat16).add(losses);
                Map<String, float[]> gradients = new java.util.TreeMap<>();
                parameters.forEach(
                        (name, p) -> gradients.put(name, p.grad().defined() ? Ops.toFloats(p.grad()) : new float[0]));
                return new Learned(loss, gradients);
            }
        }

        /** Largest difference of two gradients, as a share of the largest entry. */
        private double difference(Learned other) {
            double largest = 0;
            double apart = 0;
            for (Map.Entry<String, float[]> entry : gradients.entrySet()) {
                float[] theirs = java.util.Objects.requireNonNull(other.gradients.get(entry.getKey()));
                assertThat(theirs).as(entry.getKey()).hasSameSizeAs(entry.getValue());
                for (int i = 0; i < theirs.length; i++) {
                    largest = Math.max(largest, Math.abs(theirs[i]));
                    apart = Math.max(apart, Math.abs(theirs[i] - entry.getValue()[i]));
                }
            }
            return apart / largest;
        }
    }

    @Test
    void partsOfTheFirstStageAddUpToTheBatch() {
        StageTraining training = first();
        Learned whole = Learned.from(training, 1, false);
        for (int parts : new int[] {2, 3, 16}) {
            Learned side = Learned.from(training, parts, false);
            assertThat(side.loss()).isCloseTo(whole.loss(), within(1e-6 * whole.loss()));
            assertThat(side.difference(whole)).as("%d parts", parts).isLessThan(1e-5);
        }
    }

    @Test
    void partsOfALaterStageAddUpToTheBatch() {
        StageTraining training = later();
        Learned whole = Learned.from(training, 1, false);
        Learned side = Learned.from(training, 3, false);
        assertThat(side.loss()).isCloseTo(whole.loss(), within(1e-6 * whole.loss()));
        assertThat(side.difference(whole)).isLessThan(1e-5);
    }

    @Test
    void partsInMixedPrecisionComeNear() {
        StageTraining training = first();
        Learned whole = Learned.from(training, 1, true);
        Learned side = Learned.from(training, 2, true);
        assertThat(side.loss()).isCloseTo(whole.loss(), within(1e-2 * whole.loss()));
        assertThat(side.difference(whole)).isLessThan(3e-2);
    }

    @Test
    void theSumIsTheSameBitForBitFromRunToRun() {
        StageTraining training = first();
        Learned one = Learned.from(training, 3, false);
        for (int i = 0; i < 5; i++) {
            Learned again = Learned.from(training, 3, false);
            assertThat(again.loss()).isEqualTo(one.loss());
            assertThat(again.difference(one)).isZero();
        }
    }

    @Test
    void aThreadThatEndsItsPartDoesNotChangeTheRoundingOfAnother() {
        assertThat(gradientOfTwoUses(torch::clear_cache)).containsExactly(gradientOfTwoUses(() -> {}));
    }

    /** In mixed precision, of a weight that is used twice; {@code between} happens after its first use. */
    private static float[] gradientOfTwoUses(Runnable between) {
        torch.manual_seed(1);
        Tensor weight = torch.randn(16, 16).set_requires_grad(true);
        Tensor first = torch.randn(8, 16);
        Tensor second = torch.randn(8, 16);
        Supplier<Tensor> twice = () -> {
            Tensor one = first.matmul(weight);
            between.run();
            return one.sum().add(second.matmul(weight).sum());
        };
        new Backpropagation(Map.of("weight", weight), TEAM, true).add(List.of(twice, () -> weight.sum()));
        return Ops.toFloats(weight.grad());
    }

    @Test
    void gradientsAreAddedToWhatIsThere() {
        Tensor x = torch.ones(3).set_requires_grad(true);
        List<Supplier<Tensor>> losses = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            double factor = i;
            losses.add(() -> Ops.scale(x.sum(), factor));
        }
        Backpropagation backpropagation = new Backpropagation(Map.of("x", x), TEAM, false);
        assertThat(backpropagation.add(losses)).isEqualTo(30);
        backpropagation.add(losses.subList(0, 1));
        assertThat(Ops.toFloats(x.grad())).containsExactly(11, 11, 11);
    }

    @Test
    void aPartThatFailsFailsTheBatch() {
        Tensor x = torch.ones(3).set_requires_grad(true);
        List<Supplier<Tensor>> losses = List.of(x::sum, () -> {
            throw new IllegalStateException("a part");
        });
        assertThatThrownBy(() -> new Backpropagation(Map.of("x", x), TEAM, false).add(losses))
                .hasMessage("a part");
    }
}
