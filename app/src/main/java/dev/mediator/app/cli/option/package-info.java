/**
 * Options that several commands take, each declared once: the model and its weights, codec, sampler, guidance, schedule, mediators and
 * classes. A command mixes in what it needs, and asks for values that are checked already.
 */
@NullMarked
package dev.mediator.app.cli.option;

import org.jspecify.annotations.NullMarked;
