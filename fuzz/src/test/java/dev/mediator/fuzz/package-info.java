/**
 * Coverage-guided fuzzing (Jazzer, that is libFuzzer on instrumented byte code) of what reads files from elsewhere. A
 * target is a class with the method {@code fuzzerTestOneInput(byte[])}; {@link dev.mediator.fuzz.FuzzTest} runs each in
 * a process of its own. A reader may refuse an input with an {@code IOException}, and nothing else: not another
 * exception, not a crash of the native library, not more than a second, not more than 100 MB.
 */
@NullMarked
package dev.mediator.fuzz;

import org.jspecify.annotations.NullMarked;
