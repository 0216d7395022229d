package org.reimagen.app;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * SIGTERM and Ctrl-C as a request to end, while the JVM goes on.
 *
 * <p>A shutdown hook will not do for what still computes: hooks run side by side, and ONNX Runtime's closes its environment, after which
 * the next text to be encoded ends the JVM by SIGSEGV (seen with 1.29.0). The class that takes signals is in the module {@code jdk.unsupported}
 * and is reached by reflection, since the compiler warns of it whatever is said.
 */
final class StopSignals {
    private StopSignals() {}

    /** Runs {@code stop} on either signal, in place of what the JVM does. */
    static void handle(Runnable stop) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object stopping = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            stop.run();
                        }
                        return null;
                    });
            Method handle = signal.getMethod("handle", signal, handler);
            for (String name : List.of("TERM", "INT")) {
                handle.invoke(null, signal.getConstructor(String.class).newInstance(name), stopping);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM does not hand out signals", e);
        }
    }
}
