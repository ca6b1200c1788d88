package dev.mediator.process;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a reader does: how often its package's methods are entered and its loops go round. Unlike a time this number is
 * the same on every machine, however busy. The package's classes are loaded once more for it, with a call of {@link #step} at
 * the beginning of each method and before each jump back.
 */
public final class CountedWork extends ClassLoader {
    private static final Map<Class<?>, CountedReader> READERS = new HashMap<>();
    private static long steps;
    private static long most;

    private final String packagePrefix;

    private CountedWork(Class<?> reader) {
        super(reader.getClassLoader());
        packagePrefix = reader.getPackageName() + ".";
    }

    /**
     * Reads a file and counts.
     *
     * @param reader of the package whose classes are to count; has a constructor without arguments
     * @param limit more steps than this end the reading with an {@code AssertionError}
     * @return the steps it took
     * @throws IOException what the reader throws
     */
    public static long steps(Class<? extends CountedReader> reader, Path file, long limit) throws IOException {
        most = Long.MAX_VALUE;
        CountedReader counting = READERS.computeIfAbsent(reader, CountedWork::reload);
        steps = 0;
        most = limit;
        counting.read(file);
        return steps;
    }

    /** What the classes call. */
    public static void step() {
        if (++steps > most) {
            throw new AssertionError("reading takes more than " + most + " steps");
        }
    }

    private static CountedReader reload(Class<?> reader) {
        try {
            Constructor<?> constructor = new CountedWork(reader)
                    .loadClass(reader.getName())
                    .asSubclass(CountedReader.class)
                    .getDeclaredConstructor();
            constructor.setAccessible(true);
            return (CountedReader) constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(packagePrefix)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            return known != null ? known : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            ClassReader reader = new ClassReader(in.readAllBytes());
            ClassWriter writer = new ClassWriter(reader, 0);
            reader.accept(new CountingClass(writer), 0);
            byte[] bytes = writer.toByteArray();
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    private static final class CountingClass extends ClassVisitor {
        CountingClass(ClassVisitor out) {
            super(Opcodes.ASM9, out);
        }

        @Override
        public MethodVisitor visitMethod(
                int access,
                String name,
                String descriptor,
                @Nullable String signature,
                String @Nullable [] exceptions) {
            return new CountingMethod(super.visitMethod(access, name, descriptor, signature, exceptions));
        }
    }

    private static final class CountingMethod extends MethodVisitor {
        private final Set<Label> passed = new HashSet<>();

        CountingMethod(MethodVisitor out) {
            super(Opcodes.ASM9, out);
        }

        @Override
        public void visitCode() {
            super.visitCode();
            callStep();
        }

        @Override
        public void visitLabel(Label label) {
            passed.add(label);
            super.visitLabel(label);
        }

        @Override
        public void visitJumpInsn(int opcode, Label label) {
            if (passed.contains(label)) {
                callStep();
            }
            super.visitJumpInsn(opcode, label);
        }

        private void callStep() {
            super.visitMethodInsn(
                    Opcodes.INVOKESTATIC, CountedWork.class.getName().replace('.', '/'), "step", "()V", false);
        }
    }
}
