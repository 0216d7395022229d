package org.reimagen.pipeline;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.reimagen.knowledge.draw.Descriptor;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.pipeline.BaseStage.Reference;
import org.reimagen.pipeline.BaseStage.Scene;

/**
 * The layouts that are begun for each scene of a batch, of which one goes on.
 *
 * <p>At high noise a step settles where things are, and the seed decides it. So several seeds are begun; once the layout is settled, the
 * one whose guess of the picture is nearest to what the references share, the mean of their {@linkplain Descriptor vectors} by weight, goes
 * on alone. A scene without references has nothing to compare with and begins one. <b>Thread-safety</b>: one thread.
 */
final class Candidates {
    private final int settled;
    private final List<Rows> left = new ArrayList<>();

    /** Rows of the batch that draw one scene: {@code count} of them, the one of its own seed first. */
    private record Rows(Scene scene, int count) {}

    /**
     * The candidates of some scenes.
     *
     * @param settled step after which one is chosen, 0 to begin with one
     */
    Candidates(List<Scene> scenes, int settled) {
        this.settled = settled;
        for (Scene scene : scenes) {
            boolean several = settled > 0 && !scene.references().isEmpty();
            left.add(new Rows(scene, several ? scene.candidates() : 1));
        }
    }

    /** A value for every row of the batch, from one for every scene. */
    <T> List<T> spread(List<T> values) {
        List<T> rows = new ArrayList<>();
        for (int i = 0; i < left.size(); i++) {
            for (int c = 0; c < left.get(i).count(); c++) {
                rows.add(values.get(i));
            }
        }
        return rows;
    }

    /** The scenes that are left, in their order. */
    List<Scene> scenes() {
        return left.stream().map(Rows::scene).toList();
    }

    /** The seed of every row. */
    long[] seeds() {
        return left.stream()
                .flatMapToLong(rows -> LongStream.range(0, rows.count())
                        .map(c -> seed(rows.scene().seed(), c)))
                .toArray();
    }

    /** The seed of a candidate: the scene's own for the first, scattered for the others (SplitMix64). */
    private static long seed(long scene, long candidate) {
        if (candidate == 0) {
            return scene;
        }
        long z = scene + candidate * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /**
     * Tells the listener of a step, chooses where it is time, and forgets the scenes that do not go on.
     *
     * @param step 1 for the first
     * @param guesses of the rows that are left
     * @return which of those rows go on
     */
    List<Integer> step(int step, Supplier<List<BufferedImage>> guesses, BaseStage.SceneListener listener) {
        List<List<Integer>> rows = new ArrayList<>(); // of each scene that is left
        int at = 0;
        for (Rows scene : left) {
            List<Integer> own = new ArrayList<>();
            for (int c = 0; c < scene.count(); c++) {
                own.add(at++);
            }
            rows.add(step == settled && own.size() > 1 ? List.of(nearest(scene.scene(), own, guesses.get())) : own);
        }
        List<Integer> kept = listener.onStep(
                step,
                () -> rows.stream()
                        .map(own -> guesses.get().get(own.getFirst()))
                        .toList());
        List<Rows> goOn = kept.stream()
                .map(i -> new Rows(left.get(i).scene(), rows.get(i).size()))
                .toList();
        left.clear();
        left.addAll(goOn);
        return kept.stream().flatMap(i -> rows.get(i).stream()).toList();
    }

    private static int nearest(Scene scene, List<Integer> rows, List<BufferedImage> guesses) {
        float[] shared = shared(scene.references());
        int nearest = rows.getFirst();
        double least = Double.POSITIVE_INFINITY;
        for (int row : rows) {
            double distance = Descriptor.squaredDistance(vector(guesses.get(row)), shared);
            if (distance < least) {
                nearest = row;
                least = distance;
            }
        }
        return nearest;
    }

    /** The mean of the references' vectors by weight. */
    private static float[] shared(List<Reference> references) {
        float[] mean = new float[Descriptor.DIM];
        double sum = references.stream().mapToDouble(Reference::weight).sum();
        for (Reference reference : references) {
            float[] vector = vector(reference.picture());
            for (int i = 0; i < mean.length; i++) {
                mean[i] += (float) (reference.weight() / sum) * vector[i];
            }
        }
        return mean;
    }

    private static float[] vector(BufferedImage picture) {
        boolean fits = picture.getWidth() == Descriptor.SIDE;
        return Descriptor.of(fits ? picture : Pictures.fit(picture, Descriptor.SIDE));
    }
}
