/** For tests that need a Java process of their own: to kill it, or to measure its memory. */
@NullMarked
package dev.mediator.process;

import org.jspecify.annotations.NullMarked;
