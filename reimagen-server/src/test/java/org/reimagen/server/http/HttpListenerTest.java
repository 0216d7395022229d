package org.reimagen.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Ending while an answer is being written. */
class HttpListenerTest {
    private static final int BYTES = 32 << 20; // more than the connection holds, so that writing waits for the reader

    @Test
    void anAnswerOnAConnectionThatWasQuietIsWrittenToItsEnd() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        Route large = new Route("GET", "/large", Route.Access.OPEN, Limits.NO_BODY, exchange -> {
            writing.countDown();
            exchange.send(200, "application/octet-stream", new byte[BYTES]);
        });
        InetAddress here = InetAddress.getLoopbackAddress();
        Router router = new Router(List.of(large), new Guard(here, Set.of(), null), (_, _, _, _) -> {});
        HttpListener listener = HttpListener.start(here, 0, router);
        try (Socket socket = new Socket(here, listener.port())) {
            String request = "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            assertThat(writing.await(10, TimeUnit.SECONDS)).isTrue();
            TimeUnit.MILLISECONDS.sleep(1500); // longer than a stopping Jetty lets a connection be quiet
            CompletableFuture<Void> stopped =
                    CompletableFuture.runAsync(() -> stop(listener), Thread::startVirtualThread);
            TimeUnit.MILLISECONDS.sleep(200);
            assertThat(socket.getInputStream().readAllBytes().length).isGreaterThan(BYTES);
            stopped.get(10, TimeUnit.SECONDS);
        }
    }

    private static void stop(HttpListener listener) {
        try {
            listener.stop();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
