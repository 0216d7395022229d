package org.reimagen.server.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A reply of server-sent events. <b>Owns</b>: the reply's stream. <b>Thread-safety</b>: used by the request's own thread. */
public final class EventStream implements AutoCloseable {
    private final OutputStream out;
    private final Departure departure;

    EventStream(OutputStream out, Departure departure) {
        this.out = out;
        this.departure = departure;
    }

    /** Sends one event, its data as one line of JSON. */
    public void send(String event, Object data) throws IOException {
        write("event: " + event + "\ndata: " + Json.line(data) + "\n\n");
    }

    /** Sends a comment, which keeps the connection and finds out whether the client is there. */
    public void heartbeat() throws IOException {
        write(": \n\n");
    }

    private void write(String text) throws IOException {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            departure.left();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
