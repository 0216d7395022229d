package org.reimagen.eval;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Pictures;

/**
 * How well the later stages restore true pictures of held-out entities, beside bicubic and Lanczos.
 *
 * <p>The true 64×64 picture is enlarged stage by stage; at each stage's size the result is compared with the true drawing of
 * that size by {@link ImageQuality}.
 */
public final class SuperResolutionQuality {
    private static final int BASE = 64;

    private final KnowledgeBase base;
    private final List<Target> targets;
    private final Consumer<String> progress;

    /**
     * A measurement on the first {@code targets} of {@link Targets}.
     *
     * @param progress told in a line what is going on
     */
    public SuperResolutionQuality(KnowledgeBase base, int targets, Consumer<String> progress) {
        this.base = base;
        this.progress = progress;
        this.targets = new Targets(base.pairs()).choose(targets);
    }

    /**
     * Means over the targets.
     *
     * @param method who enlarged: the model, {@code bicubic} or {@code lanczos}
     * @param resolution of the result
     * @param psnr decibels
     * @param gmsd gradient magnitude similarity deviation
     * @param sharpness of the result relative to the true picture's, 1 if edges are as sharp
     */
    public record Score(String method, int resolution, double psnr, double gmsd, double sharpness) {}

    /**
     * Scores of every stage and of the plain enlargements to the same size.
     *
     * @param knn most neighbours that a stage reads, of those that read any: other families' pictures of the entity, with its
     *     caption as text
     */
    public List<Score> measure(LaterStages stages, int knn) {
        Map<String, List<Score>> all = new LinkedHashMap<>();
        for (int i = 0; i < targets.size(); i++) {
            Pair pair = targets.get(i).truth();
            BufferedImage small = truth(pair, BASE);
            var guides = LaterStages.guides(base, pair.caption(), targets.get(i).references(), knn);
            stages.enlarge(small, i, guides).forEach((side, drawn) -> {
                BufferedImage truth = truth(pair, side);
                add(all, "model", truth, drawn);
                add(all, "bicubic", truth, Enlargement.BICUBIC.apply(small, side / BASE));
                add(all, "lanczos", truth, Enlargement.LANCZOS.apply(small, side / BASE));
            });
            progress.accept("enlarged %d of %d".formatted(i + 1, targets.size()));
        }
        return all.values().stream().map(SuperResolutionQuality::mean).toList();
    }

    private BufferedImage truth(Pair pair, int side) {
        return Pictures.on(Color.WHITE, base.picture(pair, side));
    }

    private static void add(Map<String, List<Score>> all, String method, BufferedImage truth, BufferedImage drawn) {
        int side = truth.getWidth();
        all.computeIfAbsent(method + side, k -> new ArrayList<>())
                .add(new Score(
                        method,
                        side,
                        ImageQuality.psnr(drawn, truth),
                        ImageQuality.gmsd(drawn, truth),
                        ImageQuality.sharpness(drawn) / Math.max(1e-9, ImageQuality.sharpness(truth))));
    }

    private static Score mean(List<Score> scores) {
        Score first = Objects.requireNonNull(scores.getFirst());
        return new Score(
                first.method(),
                first.resolution(),
                scores.stream().mapToDouble(Score::psnr).average().orElseThrow(),
                scores.stream().mapToDouble(Score::gmsd).average().orElseThrow(),
                scores.stream().mapToDouble(Score::sharpness).average().orElseThrow());
    }
}
