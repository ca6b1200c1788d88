/**
 * From a checkpoint to pictures: a network, a sampler, guidance and a decoder put together, one stream of random numbers
 * per picture. A picture depends on checkpoint, class, seed and settings only, not on what is made beside it.
 */
@NullMarked
package dev.mediator.generation;

import org.jspecify.annotations.NullMarked;
