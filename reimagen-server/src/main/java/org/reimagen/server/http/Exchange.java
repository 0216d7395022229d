package org.reimagen.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartConfig;
import org.eclipse.jetty.http.MultiPartFormData;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Fields;

/** One request and its reply. <b>Thread-safety</b>: used by the request's own thread. */
public final class Exchange {
    private final Request request;
    private final Response response;
    private final Map<String, String> path;
    private final Limits limits;
    private final BodyBudget budget;
    private final Departure departure;

    Exchange(Request request, Response response, Map<String, String> path, Limits limits, BodyBudget budget) {
        this.request = request;
        this.response = response;
        this.path = path;
        this.limits = limits;
        this.budget = budget;
        this.departure = new Departure(request);
    }

    /** Value of a segment in braces. */
    public String path(String name) {
        String value = path.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name);
        }
        return value;
    }

    /** First value of a header. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeaders().get(name));
    }

    /**
     * First value of a query parameter.
     *
     * @throws ApiException 400 if the query cannot be decoded
     */
    public Optional<String> query(String name) {
        try {
            Fields fields = Request.extractQueryParameters(request);
            return Optional.ofNullable(fields.getValue(name));
        } catch (RuntimeException e) {
            throw ApiException.of(400, "invalid_query", "the query string cannot be decoded");
        }
    }

    /** A whole number of the query within bounds. */
    public int query(String name, int otherwise, int least, int most) {
        Optional<String> text = query(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        if (!text.get().matches("[0-9]{1,9}")) {
            throw ApiException.invalid(name, name + " must be a whole number");
        }
        int value = Integer.parseInt(text.get());
        if (value < least || value > most) {
            throw ApiException.invalid(name, name + " must be " + least + " to " + most);
        }
        return value;
    }

    /** Where the client reached this server: scheme, host, port. */
    public String origin() {
        return "http://" + header("Host").orElse("localhost");
    }

    /**
     * Tells the client not to use its connection again if part of the body was not read, since it is closed then.
     *
     * @return whether part was not read
     */
    boolean closeIfUnread() {
        boolean unread = !request.consumeAvailable();
        if (unread) {
            set("Connection", "close");
        }
        return unread;
    }

    /** Whether the client is still there; may be asked from any thread. */
    public Departure departure() {
        return departure;
    }

    /**
     * The JSON body.
     *
     * @throws ApiException 415 for another content type, 413 over the limit, 400 naming the field at fault
     */
    public <T> T body(Class<T> type) throws IOException {
        return Json.read(jsonBytes(), type);
    }

    /** The body's bytes, which must be declared as JSON. */
    public byte[] jsonBytes() throws IOException {
        requireType("application/json");
        long declared = checkLength();
        try (var _ = budget.take(declared, limits.bodyBytes());
                InputStream in = Content.Source.asInputStream(request)) {
            byte[] bytes = in.readNBytes(limits.bodyBytes() + 1);
            if (bytes.length > limits.bodyBytes()) {
                throw tooLarge();
            }
            return bytes;
        }
    }

    /**
     * The multipart body, held in memory; the caller closes it.
     *
     * @throws ApiException as {@link #body}
     */
    public MultiPartFormData.Parts parts(int maxParts) throws IOException {
        String type = requireType("multipart/form-data");
        long declared = checkLength();
        MultiPartConfig config = new MultiPartConfig.Builder()
                .maxParts(maxParts)
                .maxSize(limits.bodyBytes())
                .maxPartSize(limits.bodyBytes())
                .maxMemoryPartSize(limits.bodyBytes())
                .useFilesForPartsWithoutFileName(false)
                .build();
        try (var _ = budget.take(declared, limits.bodyBytes())) {
            return MultiPartFormData.getParts(request, request, type, config);
        } catch (RuntimeException e) {
            if (e instanceof ApiException api) {
                throw api;
            }
            String message = String.valueOf(e.getMessage());
            if (message.contains("max length exceeded") || message.contains("max size")) {
                throw tooLarge();
            }
            throw ApiException.of(400, "invalid_multipart", "the multipart body cannot be read");
        }
    }

    /** The bytes of one part. */
    public static byte[] bytes(MultiPart.Part part) throws IOException {
        try (InputStream in = Content.Source.asInputStream(part.getContentSource())) {
            return in.readAllBytes();
        }
    }

    private String requireType(String wanted) {
        String type = header("Content-Type").orElse("");
        String bare = type.split(";", 2)[0].strip();
        if (!bare.equalsIgnoreCase(wanted)) {
            throw ApiException.of(415, "unsupported_media_type", "the body must be " + wanted);
        }
        if (header("Content-Encoding").isPresent()) {
            throw ApiException.of(415, "unsupported_media_type", "a compressed body is not read");
        }
        return type;
    }

    private long checkLength() {
        long declared = request.getLength();
        if (declared > limits.bodyBytes()) {
            throw tooLarge();
        }
        return declared;
    }

    private ApiException tooLarge() {
        return ApiException.of(413, "body_too_large", "the body is over the limit of " + limits.bodyBytes() + " bytes");
    }

    /** Sets a header of the reply. */
    public void set(String header, String value) {
        response.getHeaders().put(header, value);
    }

    /** Replies with JSON. */
    public void json(int status, Object value) throws IOException {
        send(status, "application/json", Json.write(value));
    }

    /** Replies with nothing but a status. */
    public void empty(int status) throws IOException {
        response.setStatus(status);
        try (OutputStream out = Content.Sink.asOutputStream(response)) {
            out.flush();
        }
    }

    /** Replies with bytes. */
    public void send(int status, String type, byte[] bytes) throws IOException {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
        try (OutputStream out = Content.Sink.asOutputStream(response)) {
            out.write(bytes);
        } catch (IOException e) {
            departure.left();
            throw e;
        }
    }

    /** Replies with a file that never changes under its address, or 304 if the client has it. */
    public void cached(String type, byte[] bytes, String tag, String cacheControl) throws IOException {
        String quoted = "\"" + tag + "\"";
        set("ETag", quoted);
        set("Cache-Control", cacheControl);
        if (header("If-None-Match").filter(quoted::equals).isPresent()) {
            empty(304);
        } else {
            send(200, type, bytes);
        }
    }

    /** Starts a reply of server-sent events; from here on, errors are events. */
    public EventStream events() {
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Accel-Buffering", "no");
        return new EventStream(Content.Sink.asOutputStream(response), departure);
    }

    /** Whether the reply has begun. */
    boolean isCommitted() {
        return response.isCommitted();
    }
}
