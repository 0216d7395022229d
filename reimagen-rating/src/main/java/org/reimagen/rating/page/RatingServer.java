package org.reimagen.rating.page;

import java.net.InetAddress;
import java.util.Set;
import org.reimagen.core.ReImagenException;
import org.reimagen.server.http.Guard;
import org.reimagen.server.http.HttpListener;
import org.reimagen.server.http.Router;

/** The rating page on this machine's loopback address. <b>Owns</b>: the listener; the desk's store stays the caller's. */
public final class RatingServer {
    private final HttpListener listener;

    private RatingServer(HttpListener listener) {
        this.listener = listener;
    }

    /**
     * Starts it.
     *
     * @param port 0 for any free one
     * @throws ReImagenException in one line if it cannot listen there
     */
    public static RatingServer start(RatingDesk desk, int port) {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        Guard guard = new Guard(loopback, Set.of(), null);
        Router router = new Router(new RatingApi(desk).routes(), guard, (_, _, _, _) -> {});
        return new RatingServer(HttpListener.start(loopback, port, router));
    }

    /** Where a person on this machine opens the page. */
    public String address() {
        return "http://127.0.0.1:" + listener.port() + "/";
    }

    /**
     * Ends; every answer that was confirmed is on the disk already.
     *
     * @throws InterruptedException if the waiting is interrupted
     */
    public void stop() throws InterruptedException {
        listener.stop();
    }
}
