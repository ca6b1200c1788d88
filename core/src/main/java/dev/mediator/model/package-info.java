/** The network: {@link dev.mediator.model.Sit}, its configuration and presets, guidance, its cost, and its files. */
@NullMarked
package dev.mediator.model;

import org.jspecify.annotations.NullMarked;
