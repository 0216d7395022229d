package org.reimagen.eval;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.reimagen.core.ReImagenException;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.pipeline.Background;
import org.reimagen.pipeline.BaseStage;
import org.reimagen.pipeline.ContactSheet;
import org.reimagen.pipeline.ProgressListener;

/**
 * How sharp the later stages are on what the first stage really draws: edges of the cascade's drawings of held-out entities
 * beside those of the true pictures, by {@link ImageQuality#sharpness}.
 */
public final class DraftQuality {
    private static final int CELL = 256;

    private final KnowledgeBase base;
    private final List<Target> targets;
    private final Consumer<String> progress;
    private final List<ContactSheet.Cell> cells = new ArrayList<>();

    /**
     * A measurement on the first {@code targets} of {@link Targets}.
     *
     * @param progress told in a line what is going on
     * @throws ReImagenException if the base has nothing that can be asked for
     */
    public DraftQuality(KnowledgeBase base, int targets, Consumer<String> progress) {
        this.base = base;
        this.progress = progress;
        this.targets = new Targets(base.pairs()).choose(targets);
        if (this.targets.isEmpty()) {
            throw new ReImagenException(base.folder() + ": has no held-out picture to ask for");
        }
    }

    /**
     * Means over the targets at one size.
     *
     * @param resolution side of the pictures in pixels
     * @param targets how many
     * @param drawn sharpness of the drawings
     * @param truth sharpness of the true pictures
     * @param ratio mean over the targets of one by the other, 1 if edges are as sharp
     */
    public record Score(int resolution, int targets, double drawn, double truth, double ratio) {}

    /** Sharpness of one drawing and of its truth. */
    private record Edges(double drawn, double truth) {
        double ratio() {
            return drawn / Math.max(1e-9, truth);
        }
    }

    /** Draws every target by all stages and scores each stage. */
    public List<Score> measure(BaseStage first, LaterStages later, Setting setting) {
        Map<Integer, List<Edges>> edges = new TreeMap<>();
        cells.clear();
        for (int i = 0; i < targets.size(); i++) {
            Target target = targets.get(i);
            BufferedImage draft = draft(first, target, setting, i);
            var guides = LaterStages.guides(base, target.prompt(), target.references(), setting.knn());
            Map<Integer, BufferedImage> drawn = later.enlarge(draft, i, guides);
            add(edges, target, draft);
            drawn.values().forEach(picture -> add(edges, target, picture));
            cells.add(new ContactSheet.Cell(draft, "first stage", target.prompt()));
            drawn.forEach((side, picture) -> cells.add(new ContactSheet.Cell(shrunk(picture), "drawn to " + side, "")));
            cells.add(new ContactSheet.Cell(shrunk(truth(target, later.resolution())), "truth", ""));
            progress.accept("drew %d of %d".formatted(i + 1, targets.size()));
        }
        return edges.entrySet().stream()
                .map(e -> score(e.getKey(), e.getValue()))
                .toList();
    }

    /** What was measured last: for every target the first stage's drawing, the later stages', the truth. */
    public BufferedImage sheet() {
        int each = cells.size() / targets.size();
        return ContactSheet.draw(cells, CELL, 2 * each);
    }

    private BufferedImage draft(BaseStage first, Target target, Setting setting, int seed) {
        List<BaseStage.Reference> references = target.references().stream()
                .limit(setting.knn())
                .map(p -> new BaseStage.Reference(on(Background.WHITE, p, first.resolution()), p.caption()))
                .toList();
        List<BufferedImage> starts =
                references.stream().map(BaseStage.Reference::picture).toList();
        BaseStage.Scene scene = new BaseStage.Scene(
                target.prompt(), "", references, starts, seed, setting.candidates(), setting.finish());
        return first.draw(List.of(scene), setting.sampling(), ProgressListener.NONE)
                .images()
                .getFirst();
    }

    private void add(Map<Integer, List<Edges>> edges, Target target, BufferedImage drawn) {
        BufferedImage truth = truth(target, drawn.getWidth());
        edges.computeIfAbsent(drawn.getWidth(), side -> new ArrayList<>())
                .add(new Edges(ImageQuality.sharpness(drawn), ImageQuality.sharpness(truth)));
    }

    private BufferedImage truth(Target target, int side) {
        return on(target.background(), target.truth(), side);
    }

    private BufferedImage on(Background background, Pair pair, int side) {
        return Pictures.on(background.color(), base.picture(pair, side));
    }

    private static BufferedImage shrunk(BufferedImage picture) {
        return Pictures.on(Color.WHITE, Pictures.fit(picture, CELL));
    }

    private static Score score(int resolution, List<Edges> edges) {
        return new Score(
                resolution,
                edges.size(),
                edges.stream().mapToDouble(Edges::drawn).average().orElseThrow(),
                edges.stream().mapToDouble(Edges::truth).average().orElseThrow(),
                edges.stream().mapToDouble(Edges::ratio).average().orElseThrow());
    }
}
