package dev.mediator.analysis;

/**
 * A place in the grid of tokens.
 *
 * @param row from the top, 0 first
 * @param column from the left, 0 first
 */
public record Token(int row, int column) {
    /** The token of this number in row-major order. */
    static Token of(int index, int grid) {
        return new Token(index / grid, index % grid);
    }

    /**
     * Its number in row-major order.
     *
     * @param grid tokens per side
     * @throws IllegalArgumentException if it does not lie in the grid
     */
    public int index(int grid) {
        if (row < 0 || column < 0 || row >= grid || column >= grid) {
            throw new IllegalArgumentException("query " + this + " is not in the grid of " + grid + "×" + grid
                    + " tokens, allowed are 0:0 to " + (grid - 1) + ":" + (grid - 1));
        }
        return row * grid + column;
    }

    /** Row and column, such as {@code 8:3}. */
    @Override
    public String toString() {
        return row + ":" + column;
    }
}
