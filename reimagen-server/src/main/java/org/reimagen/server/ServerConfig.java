package org.reimagen.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;

/**
 * How a server runs.
 *
 * @param host address to listen on
 * @param port 0 for any free one
 * @param token that clients must give, or null; needed on any address but loopback, and to administer
 * @param names further names that clients may call the server by
 * @param gallery folder of the kept pictures
 * @param queue drawings that may wait, 1 to 1000
 * @param batch most pictures of several requests that are drawn in one batch, 1 to 64
 * @param maxSteps most sampling steps of a request, of every stage
 * @param maxImages most pictures of a request
 * @param logPrompts whether the log may contain prompts
 */
public record ServerConfig(
        String host,
        int port,
        @Nullable String token,
        Set<String> names,
        Path gallery,
        int queue,
        int batch,
        int maxSteps,
        int maxImages,
        boolean logPrompts) {
    private static final int SHORTEST_TOKEN = 16;
    private static final int BATCH = 4;

    /** @throws ReImagenException naming the flag at fault */
    public ServerConfig {
        names = Set.copyOf(names);
        require(port >= 0 && port <= 65535, "--port must be 0 to 65535, was " + port);
        require(queue >= 1 && queue <= 1000, "--queue must be 1 to 1000, was " + queue);
        require(batch >= 1 && batch <= 64, "--batch must be 1 to 64, was " + batch);
        require(maxSteps >= 1 && maxSteps <= 1000, "--max-steps must be 1 to 1000, was " + maxSteps);
        require(maxImages >= 1 && maxImages <= 64, "--max-images must be 1 to 64, was " + maxImages);
        require(
                token == null || token.length() >= SHORTEST_TOKEN,
                "--token must have at least " + SHORTEST_TOKEN + " characters");
        require(
                token != null || address(host).isLoopbackAddress(),
                "--host " + host + " can be reached from other machines; set a token (REIMAGEN_TOKEN) first");
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new ReImagenException(message);
        }
    }

    /** The defaults: loopback, no token, 16 waiting, batches of 4, 100 steps, 4 pictures. */
    public static ServerConfig local(int port, Path gallery) {
        return new ServerConfig("127.0.0.1", port, null, Set.of(), gallery, 16, BATCH, 100, 4, false);
    }

    /** The same with a token. */
    public ServerConfig withToken(String newToken) {
        return new ServerConfig(host, port, newToken, names, gallery, queue, batch, maxSteps, maxImages, logPrompts);
    }

    /** The same with another length of the queue. */
    public ServerConfig withQueue(int length) {
        return new ServerConfig(host, port, token, names, gallery, length, batch, maxSteps, maxImages, logPrompts);
    }

    /** The same with other batches. */
    public ServerConfig withBatch(int pictures) {
        return new ServerConfig(host, port, token, names, gallery, queue, pictures, maxSteps, maxImages, logPrompts);
    }

    /** The address to listen on. */
    public InetAddress address() {
        return address(host);
    }

    private static InetAddress address(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new ReImagenException("--host " + host + ": no such address", e);
        }
    }
}
