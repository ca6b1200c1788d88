/**
 * What networks cost: {@code flops} counts without building anything, {@code bench} measures on this machine, and {@code selftest} compares
 * with golden numbers.
 */
@NullMarked
package dev.mediator.app.cli.cost;

import org.jspecify.annotations.NullMarked;
