/** The program: its entry point. Only this module prints, exits or listens. */
@NullMarked
package dev.mediator.app;

import org.jspecify.annotations.NullMarked;
