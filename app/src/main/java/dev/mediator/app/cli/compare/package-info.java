/**
 * The command {@code compare}: {@link RunMaker} makes runs of the same seeds, {@link RunComparison} puts them side by side.
 */
@NullMarked
package dev.mediator.app.cli.compare;

import org.jspecify.annotations.NullMarked;
