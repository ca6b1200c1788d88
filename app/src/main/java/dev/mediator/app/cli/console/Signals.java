package dev.mediator.app.cli.console;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * What the system's signals do: the first asks the running command to stop, and it stops at the next place where nothing is
 * lost; the second, or the end of the grace time, ends the process at once, as the signal does to any program.
 *
 * <p>A shutdown hook would not hear of the second one, and ending the virtual machine would run libtorch's destructors beside its
 * work. So this is {@code sun.misc.Signal}, which every JDK exports but whose use the compiler always warns about: it is
 * called by reflection.
 */
public final class Signals {
    /** Exit codes of signals begin here. */
    private static final int BASE = 128;

    private final Interruption interruption;
    private final Class<?> signals;
    private final Class<?> handlers;

    private Signals(Interruption interruption) throws ReflectiveOperationException {
        this.interruption = interruption;
        this.signals = Class.forName("sun.misc.Signal");
        this.handlers = Class.forName("sun.misc.SignalHandler");
    }

    /** Ctrl-C, a supervisor's SIGTERM and a terminal that closes interrupt the running command from now on. */
    public static void interrupt(Interruption interruption) {
        try {
            Signals all = new Signals(interruption);
            for (String name : List.of("INT", "TERM", "HUP")) {
                all.handle(name);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java has no signals", e);
        }
    }

    private void handle(String name) throws ReflectiveOperationException {
        Object handler = Proxy.newProxyInstance(
                handlers.getClassLoader(), new Class<?>[] {handlers}, (proxy, method, arguments) -> {
                    if (method.getName().equals("handle")) {
                        received(arguments[0]);
                    }
                    return null;
                });
        try {
            Object signal = signals.getConstructor(String.class).newInstance(name);
            signals.getMethod("handle", signals, handlers).invoke(null, signal, handler);
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof IllegalArgumentException)) {
                throw e;
            } // this system has no such signal, or -Xrs leaves it to the system
        }
    }

    private void received(Object signal) throws ReflectiveOperationException {
        if (!interruption.isRequested()) {
            int number = (int) signals.getMethod("getNumber").invoke(signal);
            interruption.request(BASE + number); // returns when the command has ended, or the grace time is over
            if (interruption.isIdle()) {
                return; // the main thread exits
            }
        }
        Object byDefault = handlers.getField("SIG_DFL").get(null);
        signals.getMethod("handle", signals, handlers).invoke(null, signal, byDefault);
        signals.getMethod("raise", signals).invoke(null, signal);
    }
}
