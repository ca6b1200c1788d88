/**
 * Golden checks: this build's numbers against numbers that were computed elsewhere, tensor by tensor.
 *
 * <p>A golden file is a safetensors file that holds inputs, the outputs a reference implementation gave for them, and
 * the settings as metadata. Each {@link dev.mediator.app.selftest.GoldenCheck} knows one kind of file, recomputes what it
 * holds and reports the error of each tensor beside the error allowed; {@link dev.mediator.app.selftest.SelfTest} runs all of them
 * over a folder, or over the files that come with the program. Tests run these checks over files that ship with
 * the source, and a user runs the same ones over his own machine, libtorch build and thread count.
 *
 * <p>The error of a tensor is max|a − b| / max|b| over all its elements ({@link
 * dev.mediator.tensor.Tensors#relativeError}). Element-wise relative errors say nothing near zero.
 */
@NullMarked
package dev.mediator.app.selftest;

import org.jspecify.annotations.NullMarked;
