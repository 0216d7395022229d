package org.reimagen.server.api;

import com.luciad.imageio.webp.CompressionType;
import com.luciad.imageio.webp.WebPImageWriterSpi;
import com.luciad.imageio.webp.WebPWriteParam;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;

/**
 * libwebp's encoder, a native library. It is unpacked into a folder that is new, of an unguessable name and this user's alone, so that
 * nobody else can put a library of his there; pictures of strangers are read by others (see
 * {@link org.reimagen.knowledge.draw.Pictures}).
 */
final class WebP {
    /** Where the library is told to unpack itself; else the common folder for temporary files. */
    private static final String FOLDER = "com.luciad.imageio.webp.tmpdir";

    static {
        try {
            Path folder = Files.createTempDirectory("reimagen-webp-");
            folder.toFile().deleteOnExit(); // after what the library will put into it
            System.setProperty(FOLDER, folder.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private WebP() {}

    /** A writer of WebP files, the caller's to dispose of. */
    static ImageWriter writer() throws IOException {
        return new WebPImageWriterSpi().createWriterInstance(null);
    }

    /** How to write: {@code quality} in [0,1], 1 loses nothing. */
    static ImageWriteParam param(float quality) {
        WebPWriteParam param = new WebPWriteParam(Locale.ROOT);
        param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        param.setCompressionType(quality == 1 ? CompressionType.Lossless : CompressionType.Lossy);
        param.setCompressionQuality(quality);
        return param;
    }
}
