package org.reimagen.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.reimagen.eval.listing.ListedPicture;
import org.reimagen.eval.listing.ListedReference;
import org.reimagen.eval.listing.Listing;
import org.reimagen.knowledge.Pair;
import org.reimagen.pipeline.PngWriter;

/** Writes what was drawn for {@link Faithfulness} as pictures with a {@link Listing}, so that people can rate it. */
public final class FaithfulnessListing {
    private final Faithfulness faithfulness;
    private final Path folder;
    private final List<ListedPicture> listed = new ArrayList<>();
    private final Set<String> written = new HashSet<>();
    private int rows;

    /** A listing in {@code folder}; an earlier one is replaced by the first {@link #add}. */
    public FaithfulnessListing(Faithfulness faithfulness, Path folder) {
        this.faithfulness = faithfulness;
        this.folder = folder;
    }

    /** Writes the drawings of a row; rows that no one setting of the first stage drew are left out. */
    public void add(Row row) {
        row.setting().ifPresent(setting -> {
            String into = "pictures/" + rows++ + "/";
            for (int i = 0; i < row.outcomes().size(); i++) {
                listed.add(picture(into + i + ".png", setting, row.outcomes().get(i), i));
            }
            Listing.write(folder, listed);
        });
    }

    private ListedPicture picture(String file, Setting setting, Outcome outcome, int seed) {
        Target target = outcome.target();
        PngWriter.write(folder.resolve(file), outcome.picture(), Map.of());
        List<ListedReference> references = new ArrayList<>();
        references.add(reference(target, target.truth(), false));
        target.references().stream()
                .limit(setting.knn())
                .forEach(pair -> references.add(reference(target, pair, true)));
        return new ListedPicture(
                file,
                setting.title(),
                target.prompt(),
                target.truth().entity(),
                target.kind(),
                faithfulness.frequency().toString(),
                seed,
                outcome.rank(),
                faithfulness.copyScore(target, outcome.picture(), setting.knn()),
                references);
    }

    private ListedReference reference(Target target, Pair pair, boolean used) {
        String name =
                "references/" + pair.sha256() + "-" + target.background().name().toLowerCase(Locale.ROOT) + ".png";
        if (written.add(name)) {
            PngWriter.write(folder.resolve(name), faithfulness.picture(target, pair), Map.of());
        }
        return new ListedReference(
                name, pair.entity(), pair.title(), pair.style(), pair.author(), pair.licence(), used);
    }
}
