package org.reimagen.server.http;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that is answered with an error in OpenAI's shape; the message is for the client, one line, without internals. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;
    private final @Nullable String param;
    private final transient Map<String, String> headers;

    private ApiException(int status, String code, @Nullable String param, String message, Map<String, String> headers) {
        super(message);
        this.status = status;
        this.code = code;
        this.param = param;
        this.headers = headers;
    }

    /** An error with this status. */
    public static ApiException of(int status, String code, String message) {
        return new ApiException(status, code, null, message, Map.of());
    }

    /** 400: {@code param} is wrong. */
    public static ApiException invalid(String param, String message) {
        return new ApiException(400, "invalid_value", param, message, Map.of());
    }

    /** 404: there is no such thing. */
    public static ApiException missing(String what) {
        return of(404, "not_found", "no such " + what);
    }

    /** 429 or 503 with {@code Retry-After}. */
    public static ApiException later(int status, String code, String message, long seconds) {
        return new ApiException(status, code, null, message, Map.of("Retry-After", Long.toString(seconds)));
    }

    /** HTTP status. */
    public int status() {
        return status;
    }

    /** Short machine-readable name. */
    public String code() {
        return code;
    }

    /** The parameter at fault, if one is. */
    public @Nullable String param() {
        return param;
    }

    /** Headers that go with the reply. */
    public Map<String, String> headers() {
        return headers;
    }
}
