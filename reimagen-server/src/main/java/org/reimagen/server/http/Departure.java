package org.reimagen.server.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;

/**
 * Whether the client of a request is still there, and the wait until it has left.
 *
 * <p>HTTP/1.1 hears of a closed connection only by reading it, and nobody reads while a request is answered; so this looks. A
 * client that sends a further request before its answer loses that further one: the connection is closed after the answer.
 * <b>Thread-safety</b>: safe.
 */
public final class Departure {
    private static final long LINGER_MILLIS = 1000;
    private static final long POLL_MILLIS = 10;

    private final EndPoint end;
    private final Request request;
    private boolean gone;
    private boolean pipelined;

    Departure(Request request) {
        this.request = request;
        this.end = request.getConnectionMetaData().getConnection().getEndPoint();
    }

    /** Looks, without waiting, once the body was read. */
    public synchronized boolean isPresent() {
        if (gone || pipelined) {
            return !gone;
        }
        if (!end.isOpen()) {
            gone = true;
            return false;
        }
        ByteBuffer one = ByteBuffer.allocate(1).limit(0);
        try {
            int read = end.fill(one);
            gone = read < 0;
            pipelined = read > 0;
        } catch (IOException e) {
            gone = true;
        }
        return !gone;
    }

    /**
     * Ends the sending and waits until the client has read the reply and left, {@value #LINGER_MILLIS} ms at most; what it still sends is
     * read and forgotten. Closed with bytes unread, a connection is reset, and a client that is still sending a refused body then
     * loses the reply that says why.
     *
     * <p><b>Source</b>: RFC 9112, section 9.6.
     */
    synchronized void await() throws InterruptedException {
        long start = System.nanoTime();
        end.shutdownOutput();
        ByteBuffer forgotten = ByteBuffer.allocate(8 << 10);
        try {
            int read = 0;
            while (read >= 0 && System.nanoTime() - start < LINGER_MILLIS * 1_000_000) {
                read = end.fill(forgotten.clear().limit(0));
                if (read == 0) {
                    Thread.sleep(POLL_MILLIS);
                }
            }
        } catch (IOException e) {
            gone = true;
        }
    }

    /** Tells that writing failed. */
    synchronized void left() {
        gone = true;
    }

    /** Closes the connection if something of a further request was read from it. */
    synchronized void finish() {
        if (pipelined || gone) {
            request.getConnectionMetaData().getConnection().close();
        }
    }
}
