/**
 * Python's pickle format, read without Python and without executing anything, and written as far as tensors need it.
 *
 * <p>A pickle is a program for a small stack machine (Python's {@code pickletools} describes its opcodes): it pushes
 * literals, gathers them in containers, remembers values in a memo, and names functions of any module that are to be
 * called with arguments from the stack. That last ability is what makes unpickling dangerous. Here such a name is
 * looked up in a {@link dev.mediator.checkpoint.pickle.PickleVocabulary}: a closed table of Java functions that build
 * plain data. A name that is not in it stays a name, and what is called by it becomes an {@link
 * dev.mediator.checkpoint.pickle.OpaqueObject} of name, arguments and content; nothing is ever imported or run.
 *
 * <p>Protocols 2 to 5 are understood. Values become Java's: {@code dict → LinkedHashMap}, {@code list → ArrayList},
 * {@code tuple →} {@link dev.mediator.checkpoint.pickle.Tuple}, {@code set → LinkedHashSet}, {@code str → String},
 * {@code bytes → byte[]}, {@code int → Long} or {@code BigInteger}, {@code float → Double}, {@code None → null}.
 *
 * <p>A file may lie about sizes and may multiply its values. So a length is compared with what is left of the input
 * before anything is allocated, all memory is paid from a {@link dev.mediator.checkpoint.pickle.PickleBudget}, and only
 * scalars and short tuples of them may be keys, since hashing nested tuples can take forever. The machine does not
 * recurse; a structure may still contain itself, which whoever walks over it has to expect.
 */
@NullMarked
package dev.mediator.checkpoint.pickle;

import org.jspecify.annotations.NullMarked;
