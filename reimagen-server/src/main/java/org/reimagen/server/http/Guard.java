package org.reimagen.server.http;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who may talk to this server: Host and Origin (against rebinding of names and foreign pages), and the token.
 *
 * <p><b>Thread-safety</b>: safe. <b>Source</b>: the incidents of {@code AbuseTest}.
 */
public final class Guard {
    /** Name of the cookie that a page gets for the token. */
    public static final String COOKIE = "reimagen_session";

    private final Set<String> hosts = new TreeSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));
    private final boolean anyAddress;
    private final @Nullable String token;
    private final String session;

    /**
     * The guard of a server.
     *
     * @param address it listens on; any but loopback accepts addresses, not names, as Host
     * @param names further names that clients may call it by
     * @param token or null where none is set
     */
    public Guard(InetAddress address, Set<String> names, @Nullable String token) {
        names.forEach(name -> hosts.add(name.toLowerCase(Locale.ROOT)));
        this.anyAddress = !address.isLoopbackAddress();
        this.token = token;
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        this.session = HexFormat.of().formatHex(random);
    }

    /** Whether a token is set. */
    public boolean hasToken() {
        return token != null;
    }

    /** Value of the session's cookie, for a page whose user gave the token. */
    public String session() {
        return session;
    }

    /**
     * Checks where a request comes from.
     *
     * @throws ApiException 403 naming the header at fault
     */
    void checkSource(Optional<String> host, Optional<String> origin, Optional<String> fetchSite, boolean navigation) {
        String name = host.map(Guard::withoutPort).orElse("");
        if (!hosts.contains(name) && !(anyAddress && isAddress(name))) {
            throw ApiException.of(403, "host_not_allowed", "this Host is not served here");
        }
        if (origin.isPresent()
                && !origin.get().equalsIgnoreCase("http://" + host.orElse(""))
                && !origin.get().equalsIgnoreCase("https://" + host.orElse(""))) {
            throw ApiException.of(403, "origin_not_allowed", "requests from other origins are refused");
        }
        boolean foreign = fetchSite
                .filter(s -> s.equals("cross-site") || s.equals("same-site"))
                .isPresent();
        if (foreign && !navigation) {
            throw ApiException.of(403, "origin_not_allowed", "requests from other sites are refused");
        }
    }

    private static String withoutPort(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        int end = lower.startsWith("[") ? lower.indexOf(']') + 1 : lower.indexOf(':');
        return end > 0 ? lower.substring(0, end) : lower;
    }

    private static boolean isAddress(String name) {
        return name.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}") || name.matches("\\[[0-9a-f:.]+]");
    }

    /**
     * Checks the token.
     *
     * @throws ApiException 401 if it is missing or wrong, 403 if the route needs one and none is set
     */
    void checkAccess(Route.Access access, Optional<String> authorization, Optional<String> cookies) {
        if (access == Route.Access.OPEN || (token == null && access == Route.Access.USER)) {
            return;
        }
        if (token == null) {
            throw ApiException.of(403, "token_not_set", "start the server with a token to administer it");
        }
        if (!isToken(authorization.orElse("")) && !hasSession(cookies.orElse(""))) {
            throw ApiException.of(401, "invalid_api_key", "a valid token is needed: Authorization: Bearer …");
        }
    }

    private boolean isToken(String authorization) {
        return authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                && accepts(authorization.substring(7).strip());
    }

    /** Whether this is the token, in a time that does not tell how much of it is right. */
    public boolean accepts(String candidate) {
        return token != null && same(candidate, token);
    }

    private boolean hasSession(String cookies) {
        for (String cookie : cookies.split(";", 50)) {
            String[] pair = cookie.strip().split("=", 2);
            if (pair.length == 2 && pair[0].equals(COOKIE) && same(pair[1], session)) {
                return true;
            }
        }
        return false;
    }

    private static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }
}
