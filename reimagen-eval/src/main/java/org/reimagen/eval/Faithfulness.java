package org.reimagen.eval;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.reimagen.core.ReImagenException;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.StyleFamilies;
import org.reimagen.knowledge.draw.Descriptor;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.pipeline.Background;
import org.reimagen.pipeline.BaseStage;
import org.reimagen.pipeline.CopyScore;
import org.reimagen.pipeline.ProgressListener;

/**
 * Is what a model draws the thing that was named? Held-out pictures are asked for by name, style and background, with
 * references from other families only; the drawing counts if the nearest true picture of that style is the right one.
 *
 * <p>The same is measured of true pictures, for comparison: what another family's picture would score, and the truth itself
 * shifted by a pixel.
 */
public final class Faithfulness {
    private static final int BATCH = 8;

    private final KnowledgeBase base;
    private final Drawings drawings;
    private final Gallery gallery;
    private final StyleFamilies families;
    private final Map<String, List<Pair>> byEntity;
    private final Frequency frequency;
    private final List<Target> targets;
    private final Consumer<String> progress;

    /**
     * Draws every picture of the base and chooses the targets.
     *
     * @param frequency how often training sees their entities
     * @param targets how many
     * @param progress told in a line what is going on
     * @throws ReImagenException if the base has nothing that can be asked for
     */
    public Faithfulness(KnowledgeBase base, Frequency frequency, int targets, Consumer<String> progress) {
        this.progress = progress;
        this.frequency = frequency;
        this.base = base;
        this.drawings = new Drawings(base, n -> {
            if (n % 2000 == 0) {
                progress.accept("drew %d of %d true pictures".formatted(n, base.size()));
            }
        });
        this.gallery = new Gallery(drawings);
        this.families = StyleFamilies.of(drawings.pairs());
        this.byEntity = drawings.pairs().stream().collect(Collectors.groupingBy(Pair::entity));
        this.targets = new Targets(drawings.pairs()).choose(frequency, targets);
        if (this.targets.isEmpty()) {
            throw new ReImagenException(base.folder()
                    + ": has no %s picture that at least two other families of styles draw as well"
                            .formatted(frequency));
        }
    }

    /** How often training sees the targets' entities. */
    public Frequency frequency() {
        return frequency;
    }

    /** The targets, in a fixed order. */
    public List<Target> targets() {
        return targets;
    }

    /** Fewest and most true pictures that a drawing is looked up among. */
    public List<Integer> candidates() {
        List<Integer> counts =
                targets.stream().map(gallery::candidates).sorted().toList();
        return List.of(counts.getFirst(), counts.getLast());
    }

    /** Rows of true pictures, for comparison; the last only where a set of the base has a sibling. */
    public List<Row> references() {
        List<Row> rows = new ArrayList<>(List.of(
                truth("the truth", t -> drawings.on(t.background(), t.truth())),
                truth("the truth shifted by a pixel", t -> shifted(drawings.on(t.background(), t.truth()))),
                truth(
                        "another family's true picture: one at random",
                        t -> other(t, seed(t) % t.references().size())),
                truth(
                        "another family's true picture: the first by set",
                        t -> drawings.on(t.background(), firstBySet(t))),
                truth("another family's true picture: the luckiest", this::luckiest)));
        List<Outcome> redrawn = targets.parallelStream()
                .flatMap(t -> sibling(t).map(p -> redrawn(t, p)).stream())
                .toList();
        if (!redrawn.isEmpty()) {
            rows.add(new Row("the same thing redrawn by its set's sibling", false, redrawn));
        }
        return rows;
    }

    /** The picture of the same thing in another set of the same family: what its own artists made of it at another time. */
    private Optional<Pair> sibling(Target target) {
        Pair truth = target.truth();
        return Objects.requireNonNull(byEntity.get(truth.entity())).stream()
                .filter(p -> !p.style().equals(truth.style()))
                .filter(p -> families.familyOf(p.style()).equals(families.familyOf(truth.style())))
                .min(Comparator.comparing(Pair::id));
    }

    /** A sibling's picture as if it were a drawing; of the true pictures it is compared with all but itself. */
    private Outcome redrawn(Target target, Pair sibling) {
        BufferedImage picture = drawings.on(target.background(), sibling);
        return new Outcome(
                target,
                picture,
                gallery.rank(target, picture),
                styleRight(target, picture, p -> !p.equals(sibling)),
                Corners.background(picture) == target.background(),
                false);
    }

    private static Pair firstBySet(Target target) {
        return target.references().stream().min(Comparator.comparing(Pair::id)).orElseThrow();
    }

    private static int seed(Target target) {
        return target.truth().sha256().hashCode() >>> 1;
    }

    private BufferedImage other(Target target, int index) {
        return drawings.on(target.background(), target.references().get(index));
    }

    private BufferedImage luckiest(Target target) {
        return target.references().stream()
                .map(p -> drawings.on(target.background(), p))
                .min(Comparator.comparingInt(picture -> gallery.rank(target, picture)))
                .orElseThrow();
    }

    private static BufferedImage shifted(BufferedImage picture) {
        BufferedImage moved = new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                moved.setRGB(x, y, picture.getRGB(Math.max(0, x - 1), y));
            }
        }
        return moved;
    }

    private Row truth(String name, Function<Target, BufferedImage> picture) {
        progress.accept("measuring " + name);
        Map<Target, BufferedImage> pictures = new ConcurrentHashMap<>();
        targets.parallelStream().forEach(t -> pictures.put(t, picture.apply(t)));
        return new Row(name, false, outcomes(t -> Objects.requireNonNull(pictures.get(t)), 0));
    }

    /** Draws every target with {@code stage} as {@code setting} says, and measures. */
    public Row measure(BaseStage stage, Setting setting) {
        return drafted(setting, draw(stage, setting));
    }

    /** As {@link #measure(BaseStage, Setting)}, then the same drawings enlarged by later stages and brought down again. */
    public List<Row> measure(BaseStage stage, LaterStages later, Setting setting) {
        List<BufferedImage> drafts = draw(stage, setting);
        List<BufferedImage> broughtDown = new ArrayList<>();
        for (int i = 0; i < drafts.size(); i++) {
            Target target = targets.get(i);
            var guides = LaterStages.guides(base, target.prompt(), target.references(), setting.knn());
            BufferedImage large =
                    later.enlarge(drafts.get(i), i, guides).lastEntry().getValue();
            broughtDown.add(Pictures.on(Color.WHITE, Pictures.fit(large, Descriptor.SIDE)));
            progress.accept("enlarged %d of %d".formatted(i + 1, drafts.size()));
        }
        String title = "%s; drawn to %d and brought down".formatted(setting.title(), later.resolution());
        return List.of(drafted(setting, drafts), new Row(title, true, outcomes(broughtDown, setting)));
    }

    private Row drafted(Setting setting, List<BufferedImage> pictures) {
        return new Row(setting.title(), true, outcomes(pictures, setting), Optional.of(setting));
    }

    private List<Outcome> outcomes(List<BufferedImage> pictures, Setting setting) {
        return outcomes(t -> pictures.get(targets.indexOf(t)), setting.knn());
    }

    private List<BufferedImage> draw(BaseStage stage, Setting setting) {
        if (stage.resolution() != Descriptor.SIDE) {
            throw new ReImagenException("the model draws %d pixels, faithfulness is measured at %d"
                    .formatted(stage.resolution(), Descriptor.SIDE));
        }
        List<BufferedImage> pictures = new ArrayList<>();
        for (int from = 0; from < targets.size(); from += BATCH) {
            List<BaseStage.Scene> scenes = new ArrayList<>();
            for (int i = from; i < Math.min(targets.size(), from + BATCH); i++) {
                scenes.add(scene(targets.get(i), setting, i));
            }
            pictures.addAll(stage.draw(scenes, setting.sampling(), ProgressListener.NONE)
                    .images());
            progress.accept("%s: drew %d of %d".formatted(setting.title(), pictures.size(), targets.size()));
        }
        return pictures;
    }

    private BaseStage.Scene scene(Target target, Setting setting, long seed) {
        int knn = setting.knn();
        List<BaseStage.Reference> references = target.references().stream()
                .limit(knn)
                .map(p -> new BaseStage.Reference(drawings.on(Background.WHITE, p), p.caption()))
                .toList();
        List<BufferedImage> starts = target.references().stream()
                .limit(knn)
                .map(p -> drawings.on(target.background(), p))
                .toList();
        return new BaseStage.Scene(
                target.prompt(), "", references, starts, seed, setting.candidates(), setting.finish());
    }

    private List<Outcome> outcomes(Function<Target, BufferedImage> picture, int knn) {
        return targets.parallelStream()
                .map(t -> outcome(t, picture.apply(t), knn))
                .toList();
    }

    private Outcome outcome(Target target, BufferedImage picture, int knn) {
        return new Outcome(
                target,
                picture,
                gallery.rank(target, picture),
                styleRight(target, picture, _ -> true),
                Corners.background(picture) == target.background(),
                copyScore(target, picture, knn) >= CopyScore.COPY);
    }

    /** Copy score of a drawing against the reference that it repeats most; 0 without references. */
    double copyScore(Target target, BufferedImage picture, int knn) {
        return target.references().stream()
                .limit(knn)
                .mapToDouble(p -> CopyScore.of(picture, drawings.on(target.background(), p)))
                .max()
                .orElse(0);
    }

    /** Whether, of all true pictures of the entity, the nearest is of the family that was asked for. */
    private boolean styleRight(Target target, BufferedImage picture, Predicate<Pair> compared) {
        float[] vector = Descriptor.of(picture);
        Pair nearest = Objects.requireNonNull(byEntity.get(target.truth().entity())).stream()
                .filter(compared)
                .min(Comparator.comparingDouble(
                        p -> Descriptor.squaredDistance(vector, Descriptor.of(drawings.on(target.background(), p)))))
                .orElseThrow();
        return families.familyOf(nearest.style())
                .equals(families.familyOf(target.truth().style()));
    }

    /** The true picture of a target, and its references, as a sheet shows them. */
    BufferedImage picture(Target target, Pair pair) {
        return drawings.on(target.background(), pair);
    }
}
