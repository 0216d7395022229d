package org.reimagen.server.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.reimagen.core.ReImagenException;

/** Jetty on one address, answering by a {@link Router} on virtual threads. <b>Owns</b>: Jetty, until {@link #stop}. */
public final class HttpListener {
    private static final int CONNECTIONS = 4000;
    private static final long IDLE_MILLIS = 30_000;
    private static final long LAST_ANSWERS_MILLIS = 1500;
    private static final long STOP_MILLIS = 3000; // a quiet connection takes Jetty two seconds to end
    private static final long POLL_MILLIS = 5;

    private final Server jetty;
    private final ServerConnector connector;
    private final Router router;

    private HttpListener(Server jetty, ServerConnector connector, Router router) {
        this.jetty = jetty;
        this.connector = connector;
        this.router = router;
    }

    /**
     * Listens.
     *
     * @param port 0 for any free one
     * @throws ReImagenException in one line if it cannot listen there
     */
    public static HttpListener start(InetAddress address, int port, Router router) {
        QueuedThreadPool threads = new QueuedThreadPool(16, 4);
        threads.setName("http");
        threads.setVirtualThreadsExecutor(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("request-", 0).factory()));
        Server jetty = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setRequestHeaderSize(8 << 10);
        ServerConnector connector = new ServerConnector(jetty, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(address.getHostAddress());
        connector.setPort(port);
        connector.setIdleTimeout(IDLE_MILLIS);
        jetty.addConnector(connector);
        jetty.addBean(new NetworkConnectionLimit(CONNECTIONS, jetty));
        jetty.setHandler(new GracefulHandler(router)); // a stop lets requests be handled to their end
        jetty.setStopTimeout(STOP_MILLIS);
        try {
            jetty.start();
        } catch (Exception e) {
            stop(jetty, e);
            throw new ReImagenException(
                    "cannot listen on " + new InetSocketAddress(address, port) + ": " + e.getMessage(), e);
        }
        return new HttpListener(jetty, connector, router);
    }

    private static void stop(Server jetty, Exception reason) {
        try {
            jetty.stop();
        } catch (Exception e) {
            reason.addSuppressed(e);
        }
    }

    /** The port that it listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    /**
     * Ends; answers that are being written are written first, for {@value #LAST_ANSWERS_MILLIS} ms at most.
     *
     * @throws InterruptedException if the waiting is interrupted
     */
    public void stop() throws InterruptedException {
        awaitAnswers();
        try {
            jetty.stop();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A stopping Jetty ends every connection that was quiet for a second, and the answer with it whose writing has just begun. */
    private void awaitAnswers() throws InterruptedException {
        long start = System.nanoTime();
        while (router.answering() > 0 && System.nanoTime() - start < LAST_ANSWERS_MILLIS * 1_000_000) {
            Thread.sleep(POLL_MILLIS);
        }
    }
}
