package org.reimagen.server.http;

/**
 * How much a route reads.
 *
 * @param bodyBytes largest body; 0 for a route that takes none
 */
public record Limits(int bodyBytes) {
    /** No body is read. */
    public static final Limits NO_BODY = new Limits(0);
    /** A JSON body without pictures. */
    public static final Limits SMALL = new Limits(64 << 10);
    /** A body that carries pictures. */
    public static final Limits PICTURES = new Limits(24 << 20);
}
