/**
 * Pictures outside of tensors: reading and writing image files, resizing, contact sheets, line plots and heat maps.
 *
 * <p>A sample v in 0…255 stands for x = v / 127.5 − 1 in [−1, 1]; back, v = ⌊127.5·(x + 1) + 0.5⌋, clamped. The samples
 * of a file are taken as they are stored: colour profiles and gamma chunks are ignored, as usual where data sets are read,
 * since applying them would change most pictures' numbers.
 */
@NullMarked
package dev.mediator.image;

import org.jspecify.annotations.NullMarked;
