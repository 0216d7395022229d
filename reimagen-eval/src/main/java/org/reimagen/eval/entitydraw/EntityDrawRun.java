package org.reimagen.eval.entitydraw;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.eval.listing.ListedPicture;
import org.reimagen.eval.listing.ListedReference;
import org.reimagen.eval.listing.Listing;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.pipeline.GenerationResult;
import org.reimagen.pipeline.PngWriter;

/**
 * Draws a prompt set into a folder: pictures, references and {@link Listing}, after every entity. A run that was stopped goes
 * on after the last entity that was finished.
 */
public final class EntityDrawRun {
    private static final int REFERENCE_SIDE = 256;
    private static final int SHOWN = 4;
    private static final String SETTINGS = "settings.json";

    private final Path folder;
    private final KnowledgeBase base;
    private final Set<String> pictured;
    private final Consumer<String> progress;
    private @Nullable Recognition recognition;

    /** Draws one entity: {@link EntityDraw#PICTURES} pictures. */
    @FunctionalInterface
    public interface Painter {
        /** The pictures of a prompt with what they were drawn from. */
        GenerationResult draw(Prompt prompt);
    }

    /**
     * A run into {@code folder}.
     *
     * @param settings everything that the pictures depend on, by name
     * @param progress told in a line what is going on
     * @throws ReImagenException if the folder holds pictures of other settings
     */
    public EntityDrawRun(Path folder, KnowledgeBase base, Map<String, String> settings, Consumer<String> progress) {
        this.folder = folder;
        this.base = base;
        this.progress = progress;
        claim(settings);
        this.pictured = base.pairs().stream().map(Pair::entity).collect(Collectors.toUnmodifiableSet());
    }

    private void claim(Map<String, String> settings) {
        Path file = folder.resolve(SETTINGS);
        ObjectMapper json = new ObjectMapper();
        try {
            if (!Files.isRegularFile(file)) {
                byte[] bytes = json.writerWithDefaultPrettyPrinter().writeValueAsBytes(settings);
                AtomicFile.write(file, out -> out.write(bytes));
                return;
            }
            Map<?, ?> before = json.readValue(Files.readAllBytes(file), Map.class);
            for (Map.Entry<String, String> setting : settings.entrySet()) {
                if (!setting.getValue().equals(before.get(setting.getKey()))) {
                    throw new ReImagenException("%s: was begun with %s %s, not %s; name another --output-dir"
                            .formatted(folder, setting.getKey(), before.get(setting.getKey()), setting.getValue()));
                }
            }
        } catch (IOException e) {
            throw new ReImagenException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Draws what is not drawn yet, of the entities that the base pictures.
     *
     * @param setting how it is drawn, for the listing
     * @return all of {@code prompts} that are drawn now, in their order
     */
    public List<EntityDraw.Drawn> draw(List<Prompt> prompts, String setting, Painter painter) {
        List<ListedPicture> listed =
                new ArrayList<>(Files.isRegularFile(folder.resolve(Listing.NAME)) ? Listing.read(folder) : List.of());
        Map<String, List<ListedPicture>> before = listed.stream()
                .collect(Collectors.groupingBy(ListedPicture::entity, LinkedHashMap::new, Collectors.toList()));
        List<EntityDraw.Drawn> drawn = new ArrayList<>();
        for (Prompt prompt : prompts) {
            List<ListedPicture> pictures = before.get(prompt.entity());
            if (pictures == null) {
                if (!pictured.contains(prompt.entity())) {
                    progress.accept("left out " + prompt.entity() + ": the knowledge base does not picture it");
                    continue;
                }
                pictures = keep(prompt, setting, painter.draw(prompt));
                listed.addAll(pictures);
                Listing.write(folder, listed);
            }
            drawn.add(new EntityDraw.Drawn(
                    prompt, pictures.stream().map(ListedPicture::rank).toList()));
            progress.accept("%d of %d: %s".formatted(drawn.size(), prompts.size(), prompt.entity()));
        }
        return drawn;
    }

    /** Made when a picture is to be recognised: it looks at the whole base, which takes a minute or so. */
    private Recognition recognition() {
        Recognition made = recognition;
        if (made == null) {
            made = new Recognition(base);
            recognition = made;
        }
        return made;
    }

    private List<ListedPicture> keep(Prompt prompt, String setting, GenerationResult result) {
        List<ListedReference> references = references(prompt, result);
        String name = prompt.entity().replaceAll("[^\\p{Alnum}]+", "-")
                + "-"
                + Integer.toHexString(prompt.entity().hashCode());
        List<ListedPicture> pictures = new ArrayList<>();
        for (int i = 0; i < result.images().size(); i++) {
            String file = prompt.category() + "/" + name + "-" + i + ".png";
            PngWriter.write(folder.resolve(file), result.images().get(i), result.metadata(i));
            pictures.add(new ListedPicture(
                    file,
                    setting,
                    prompt.entity(),
                    prompt.entity(),
                    prompt.category(),
                    prompt.frequency(),
                    result.seeds().get(i),
                    recognition().rank(prompt.entity(), result.images().get(i)),
                    result.copyScores().get(i),
                    references));
        }
        return pictures;
    }

    /** The neighbours used; where there were none, the first true pictures of the entity. */
    private List<ListedReference> references(Prompt prompt, GenerationResult result) {
        boolean used = !result.neighbors().isEmpty();
        List<Pair> shown = used
                ? result.neighbors()
                : base.pairs().stream()
                        .filter(p -> p.entity().equals(prompt.entity()))
                        .limit(SHOWN)
                        .toList();
        return shown.stream().map(pair -> reference(pair, used)).toList();
    }

    private ListedReference reference(Pair pair, boolean used) {
        String file = "references/" + pair.sha256() + ".png";
        if (!Files.isRegularFile(folder.resolve(file))) {
            PngWriter.write(
                    folder.resolve(file), Pictures.on(Color.WHITE, base.picture(pair, REFERENCE_SIDE)), Map.of());
        }
        return new ListedReference(
                file, pair.entity(), pair.title(), pair.style(), pair.author(), pair.licence(), used);
    }
}
