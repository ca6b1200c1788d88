package dev.mediator.vision;

import static dev.mediator.vision.Layer.chain;
import static dev.mediator.vision.Layer.parallel;

import dev.mediator.nn.ParameterSource;
import dev.mediator.vision.ConvUnit.Shape;

/**
 * The blocks of Inception v3 (arXiv 1512.00567, figures 5 to 7 and 10), by the names of their tensors. A block runs
 * several branches over its input and joins their channels.
 *
 * @param source of the tensors of one block
 * @param owned keeps them alive
 */
record InceptionBlocks(ParameterSource source, OwnedTensors owned) {
    /** Figure 5, with one 5×5 kernel kept: 35×35 pixels, 224 + poolChannels channels. */
    Layer a(long in, long poolChannels) {
        return parallel(
                unit("branch1x1", in, 64, 1, 1),
                chain(unit("branch5x5_1", in, 48, 1, 1), unit("branch5x5_2", 48, 64, 5, 5)),
                chain(
                        unit("branch3x3dbl_1", in, 64, 1, 1),
                        unit("branch3x3dbl_2", 64, 96, 3, 3),
                        unit("branch3x3dbl_3", 96, 96, 3, 3)),
                chain(Pool.AVERAGE, unit("branch_pool", in, poolChannels, 1, 1)));
    }

    /** Figure 10: from 35×35 to 17×17 pixels, 480 + in channels. */
    Layer b(long in) {
        return parallel(
                reducing("branch3x3", in, 384),
                chain(
                        unit("branch3x3dbl_1", in, 64, 1, 1),
                        unit("branch3x3dbl_2", 64, 96, 3, 3),
                        reducing("branch3x3dbl_3", 96, 96)),
                Pool.MAX_REDUCING);
    }

    /** Figure 6, 7×7 kernels as pairs of 1×7 and 7×1: 17×17 pixels, 768 channels; {@code inner} are the pairs'. */
    Layer c(long in, long inner) {
        return parallel(
                unit("branch1x1", in, 192, 1, 1),
                chain(
                        unit("branch7x7_1", in, inner, 1, 1),
                        unit("branch7x7_2", inner, inner, 1, 7),
                        unit("branch7x7_3", inner, 192, 7, 1)),
                chain(
                        unit("branch7x7dbl_1", in, inner, 1, 1),
                        unit("branch7x7dbl_2", inner, inner, 7, 1),
                        unit("branch7x7dbl_3", inner, inner, 1, 7),
                        unit("branch7x7dbl_4", inner, inner, 7, 1),
                        unit("branch7x7dbl_5", inner, 192, 1, 7)),
                chain(Pool.AVERAGE, unit("branch_pool", in, 192, 1, 1)));
    }

    /** From 17×17 to 8×8 pixels, 512 + in channels. */
    Layer d(long in) {
        return parallel(
                chain(unit("branch3x3_1", in, 192, 1, 1), reducing("branch3x3_2", 192, 320)),
                chain(
                        unit("branch7x7x3_1", in, 192, 1, 1),
                        unit("branch7x7x3_2", 192, 192, 1, 7),
                        unit("branch7x7x3_3", 192, 192, 7, 1),
                        reducing("branch7x7x3_4", 192, 192)),
                Pool.MAX_REDUCING);
    }

    /** Figure 7, 3×3 kernels spread out into 1×3 beside 3×1: 8×8 pixels, 2048 channels. */
    Layer e(long in, Pool pool) {
        return parallel(
                unit("branch1x1", in, 320, 1, 1),
                chain(unit("branch3x3_1", in, 384, 1, 1), spread("branch3x3_2")),
                chain(
                        unit("branch3x3dbl_1", in, 448, 1, 1),
                        unit("branch3x3dbl_2", 448, 384, 3, 3),
                        spread("branch3x3dbl_3")),
                chain(pool, unit("branch_pool", in, 192, 1, 1)));
    }

    private Layer spread(String name) {
        return parallel(unit(name + "a", 384, 384, 1, 3), unit(name + "b", 384, 384, 3, 1));
    }

    private Layer reducing(String name, long in, long out) {
        return unit(name, Shape.valid(in, out, 3, 2));
    }

    private Layer unit(String name, long in, long out, long height, long width) {
        return unit(name, Shape.same(in, out, height, width));
    }

    /** {@code name.conv} and {@code name.bn}. */
    Layer unit(String name, Shape shape) {
        return new ConvUnit(source, name + ".conv", name + ".bn", shape, Activation.RELU, owned);
    }
}
