package org.reimagen.pipeline;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.AtomicFile;
import org.w3c.dom.NodeList;

/** PNG files with text chunks. <b>Thread-safety</b>: stateless. */
public final class PngWriter {
    private static final String FORMAT = "javax_imageio_png_1.0";

    private PngWriter() {}

    /**
     * Writes a picture atomically.
     *
     * @param text keyword → text; ASCII goes into a tEXt chunk, anything else into iTXt
     * @throws ReImagenException naming the file if it cannot be written
     */
    public static void write(Path file, BufferedImage image, Map<String, String> text) {
        AtomicFile.write(file, out -> write(out, image, text));
    }

    /** The bytes of a PNG file; see {@link #write(Path, BufferedImage, Map)}. */
    public static byte[] encode(BufferedImage image, Map<String, String> text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            write(out, image, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static void write(OutputStream out, BufferedImage image, Map<String, String> text) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
            writer.setOutput(stream);
            IIOMetadata metadata = writer.getDefaultImageMetadata(
                    ImageTypeSpecifier.createFromRenderedImage(image), writer.getDefaultWriteParam());
            metadata.mergeTree(FORMAT, tree(text));
            writer.write(new IIOImage(image, null, metadata));
        } finally {
            writer.dispose();
        }
    }

    private static IIOMetadataNode tree(Map<String, String> text) {
        IIOMetadataNode root = new IIOMetadataNode(FORMAT);
        IIOMetadataNode plain = new IIOMetadataNode("tEXt");
        IIOMetadataNode international = new IIOMetadataNode("iTXt");
        text.forEach((keyword, value) -> {
            if (StandardCharsets.US_ASCII.newEncoder().canEncode(value)) {
                plain.appendChild(entry("tEXtEntry", keyword, "value", value));
            } else {
                IIOMetadataNode entry = entry("iTXtEntry", keyword, "text", value);
                entry.setAttribute("compressionFlag", "FALSE");
                entry.setAttribute("compressionMethod", "0");
                entry.setAttribute("languageTag", "");
                entry.setAttribute("translatedKeyword", "");
                international.appendChild(entry);
            }
        });
        if (plain.hasChildNodes()) {
            root.appendChild(plain);
        }
        if (international.hasChildNodes()) {
            root.appendChild(international);
        }
        return root;
    }

    private static IIOMetadataNode entry(String name, String keyword, String attribute, String value) {
        IIOMetadataNode entry = new IIOMetadataNode(name);
        entry.setAttribute("keyword", keyword);
        entry.setAttribute(attribute, value);
        return entry;
    }

    /**
     * The text chunks of a PNG, by keyword.
     *
     * @throws ReImagenException naming the file if it is no PNG
     */
    public static Map<String, String> read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ReImagenException(file + ": no such file");
        }
        ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            reader.setInput(in, true, false);
            IIOMetadataNode tree = (IIOMetadataNode) reader.getImageMetadata(0).getAsTree(FORMAT);
            Map<String, String> text = new LinkedHashMap<>();
            collect(tree.getElementsByTagName("tEXtEntry"), "value", text);
            collect(tree.getElementsByTagName("iTXtEntry"), "text", text);
            return text;
        } catch (IOException | RuntimeException e) {
            throw new ReImagenException(file + ": is no PNG that can be read", e);
        } finally {
            reader.dispose();
        }
    }

    private static void collect(NodeList entries, String attribute, Map<String, String> text) {
        for (int i = 0; i < entries.getLength(); i++) {
            IIOMetadataNode entry = (IIOMetadataNode) entries.item(i);
            text.put(entry.getAttribute("keyword"), entry.getAttribute(attribute));
        }
    }
}
