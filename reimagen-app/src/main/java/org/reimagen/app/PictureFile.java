package org.reimagen.app;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.Reasons;
import org.reimagen.knowledge.draw.PictureException;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.draw.VectorDrawing;

/** A picture that the user names on the command line. */
final class PictureFile {
    private static final int VECTOR_SIDE = 256;

    private PictureFile() {}

    /**
     * Reads a raster or SVG picture.
     *
     * @return ARGB
     * @throws KnowledgeException in one line naming the file
     */
    static BufferedImage read(Path file) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > KnowledgeBaseWriter.MAX_BYTES) {
                throw new KnowledgeException(file + ": is no picture file of up to 64 MiB");
            }
            byte[] bytes = Files.readAllBytes(file);
            return VectorDrawing.looksLikeSvg(bytes)
                    ? VectorDrawing.parse(file.toString(), bytes).render(VECTOR_SIDE)
                    : Pictures.decode(file.toString(), bytes);
        } catch (IOException e) {
            throw new KnowledgeException(file + ": cannot be read: " + Reasons.of(e), e);
        } catch (PictureException e) {
            throw new KnowledgeException(String.valueOf(e.getMessage()), e);
        }
    }
}
