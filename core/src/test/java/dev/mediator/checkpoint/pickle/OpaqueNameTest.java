package dev.mediator.checkpoint.pickle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OpaqueNameTest {
    /** Found by fuzzing: a class called so broke the message that refuses it into two lines. */
    @Test
    void whatCannotBeShownIsLeftOutOfAName() {
        assertThat(new OpaqueName("torch.BFloat16St\u0085\n\u202eage").name()).isEqualTo("torch.BFloat16St???age");
        assertThat(new OpaqueName("pathlib.PosixPath").name()).isEqualTo("pathlib.PosixPath");
    }
}
