/**
 * The commands that train or prepare training: {@code train}, {@code train-autoencoder}, {@code train-classifier}, {@code encode} and
 * {@code experiment}; with the processes that train together ({@link Team}, {@link LocalProcesses}).
 */
@NullMarked
package dev.mediator.app.cli.train;

import org.jspecify.annotations.NullMarked;
