package org.reimagen.knowledge.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.NewPair;

/**
 * Picture sets as npm packages {@code @iconify-json/<set>}: vector bodies by name, licence and author in {@code info.json}.
 *
 * <p>Read together, so that one thing has one entity in all of them; skin-tone variants are left out. The caption is
 * "entity, set style", the id {@code set/name}.
 */
public final class IconSetSource implements Source {
    private static final Pattern TONE = Pattern.compile("1f3f[b-f]");
    private static final Pattern TONED = Pattern.compile("(.*)-(light|medium-light|medium|medium-dark|dark)");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<Path> sets;
    private final Path labels;

    /**
     * @param sets folders of icon-set packages
     * @param labels folder of the emojibase-data package; where it is missing, names alone tell entities apart
     * @throws KnowledgeException naming the folder that is no icon set
     */
    public IconSetSource(List<Path> sets, Path labels) {
        for (Path set : sets) {
            if (!Files.isRegularFile(set.resolve("icons.json")) || !Files.isRegularFile(set.resolve("info.json"))) {
                throw new KnowledgeException(set + ": is no icon set, icons.json or info.json is missing");
            }
        }
        this.sets = List.copyOf(sets);
        this.labels = labels;
    }

    private record IconSet(String name, JsonNode icons, JsonNode info, Set<String> skipped, String version) {}

    @Override
    public void forEach(Consumer<NewPair> pairs, Consumer<Rejected> rejected) {
        Entities entities = new Entities();
        readLabels(entities);
        List<IconSet> read = new ArrayList<>();
        for (Path folder : sets) {
            read.add(read(folder, entities));
        }
        for (IconSet set : read) {
            set.icons.path("icons").properties().forEach(icon -> {
                if (!set.skipped.contains(icon.getKey())) {
                    pairs.accept(pair(set, icon.getKey(), icon.getValue(), entities.entity(icon.getKey())));
                }
            });
        }
    }

    private void readLabels(Entities entities) {
        Path file = labels.resolve("en").resolve("data.json");
        if (!Files.exists(file)) {
            return;
        }
        for (JsonNode emoji : json(file)) {
            List<String> tags = new ArrayList<>();
            emoji.path("tags").forEach(t -> tags.add(t.asText()));
            entities.label(emoji.path("hexcode").asText(), emoji.path("label").asText(), tags);
        }
    }

    private static IconSet read(Path folder, Entities entities) {
        JsonNode icons = json(folder.resolve("icons.json"));
        JsonNode chars = Files.exists(folder.resolve("chars.json"))
                ? json(folder.resolve("chars.json"))
                : JSON.createObjectNode();
        Set<String> skipped = new HashSet<>();
        chars.properties().forEach(e -> {
            if (TONE.matcher(e.getKey()).find()) {
                skipped.add(e.getValue().asText());
            } else {
                entities.named(e.getValue().asText(), e.getKey());
            }
        });
        JsonNode bodies = icons.path("icons");
        bodies.properties().forEach(e -> {
            if (isToned(e.getKey(), bodies) || e.getValue().path("hidden").asBoolean()) {
                skipped.add(e.getKey());
            }
            if (!skipped.contains(e.getKey())) {
                entities.icon(e.getKey());
            }
        });
        icons.path("aliases")
                .properties()
                .forEach(e ->
                        entities.alias(e.getKey(), e.getValue().path("parent").asText()));
        String version = json(folder.resolve("package.json")).path("version").asText();
        return new IconSet(icons.path("prefix").asText(), icons, json(folder.resolve("info.json")), skipped, version);
    }

    private static boolean isToned(String name, JsonNode bodies) {
        Matcher toned = TONED.matcher(name);
        return name.contains("skin-tone") || (toned.matches() && bodies.has(Objects.requireNonNull(toned.group(1))));
    }

    private static NewPair pair(IconSet set, String name, JsonNode icon, Entities.Label entity) {
        String caption = entity.text() + ", " + set.name.replace('-', ' ') + " style";
        List<String> tags = new ArrayList<>(entity.tags());
        tags.add(name.replace('-', ' '));
        NewPair.Text text = new NewPair.Text(caption, entity.text(), entity.text(), set.name, tags);
        NewPair.Credit credit = new NewPair.Credit(
                set.info.path("license").path("spdx").asText("NOASSERTION"),
                set.info.path("author").path("name").asText(),
                "npm:@iconify-json/" + set.name + "@" + set.version + "#" + name);
        return new NewPair(set.name + "/" + name, text, credit, svg(set, icon).getBytes(StandardCharsets.UTF_8));
    }

    private static String svg(IconSet set, JsonNode icon) {
        int width = size(set, icon, "width");
        int height = size(set, icon, "height");
        return ("<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\""
                        + " viewBox=\"%d %d %d %d\" width=\"%d\" height=\"%d\">%s</svg>")
                .formatted(
                        icon.path("left").asInt(0),
                        icon.path("top").asInt(0),
                        width,
                        height,
                        width,
                        height,
                        icon.path("body").asText());
    }

    private static int size(IconSet set, JsonNode icon, String side) {
        return icon.path(side).asInt(set.icons.path(side).asInt(16));
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new KnowledgeException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
