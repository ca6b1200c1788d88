/**
 * The commands {@code evaluate}, {@code make-reference} and {@code convert-extractor}: what is scored ({@link ScoredImages}), against what
 * ({@link Reference}), and the record of it.
 */
@NullMarked
package dev.mediator.app.cli.evaluate;

import org.jspecify.annotations.NullMarked;
