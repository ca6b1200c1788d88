/**
 * The commands {@code analyze} and {@code tune}: each computes with the library and writes a report into a folder of {@code
 * dev.mediator.app.cli.report}.
 */
@NullMarked
package dev.mediator.app.cli.analyze;

import org.jspecify.annotations.NullMarked;
