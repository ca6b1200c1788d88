/**
 * The commands that read, check and rewrite files of networks: {@code info}, {@code convert} and {@code adapt}.
 */
@NullMarked
package dev.mediator.app.cli.checkpoint;

import org.jspecify.annotations.NullMarked;
