package org.reimagen.knowledge.ingest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.NewPair;

/**
 * A folder of pictures, each with a caption in a {@code .txt} of the same name; without one the file's name serves.
 *
 * <p>Of a caption file the first line counts, as the tuxpaint stamps write it (English first). Their mirrored and flipped drawings
 * ({@code bus_mirror.png} beside {@code bus.txt}) share the caption.
 */
public final class FolderSource implements Source {
    private static final Pattern TURNED = Pattern.compile("(_mirror)?(_flip)?$");

    private final Path folder;
    private final NewPair.Credit credit;

    /**
     * @param credit licence and author of all pictures in the folder; the source is each file's name
     * @throws KnowledgeException if there is no such folder
     */
    public FolderSource(Path folder, NewPair.Credit credit) {
        if (!Files.isDirectory(folder)) {
            throw new KnowledgeException(folder + ": no such folder");
        }
        this.folder = folder;
        this.credit = credit;
    }

    @Override
    public void forEach(Consumer<NewPair> pairs, Consumer<Rejected> rejected) {
        for (Path file : files()) {
            String id = folder.relativize(file).toString();
            NewPair pair;
            try {
                pair = pair(id, file);
            } catch (KnowledgeException e) {
                rejected.accept(new Rejected(id, String.valueOf(e.getMessage())));
                continue;
            }
            pairs.accept(pair);
        }
    }

    private List<Path> files() {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .filter(Records::isPicture)
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new KnowledgeException(folder + ": cannot be listed: " + e.getMessage(), e);
        }
    }

    private NewPair pair(String id, Path file) {
        String stem = id.substring(0, id.lastIndexOf('.'));
        String caption = caption(stem);
        if (caption.isEmpty()) {
            caption = caption(TURNED.matcher(stem).replaceFirst(""));
        }
        if (caption.isEmpty()) {
            caption = stem.substring(stem.lastIndexOf('/') + 1)
                    .replaceAll("[-_]+", " ")
                    .strip();
        }
        NewPair.Credit own = new NewPair.Credit(credit.licence(), credit.author(), credit.source() + "/" + id);
        return new NewPair(id, NewPair.Text.of(caption), own, Records.read(file));
    }

    private String caption(String stem) {
        Path text = folder.resolve(stem + ".txt");
        return Files.isRegularFile(text) ? firstLine(text) : "";
    }

    private static String firstLine(Path text) {
        String all = new String(Records.read(text), StandardCharsets.UTF_8);
        return all.lines()
                .map(String::strip)
                .filter(l -> !l.isEmpty())
                .findFirst()
                .orElse("");
    }
}
