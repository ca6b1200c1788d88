package dev.mediator.checkpoint.pickle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OpaqueNameTest {
    /** Found by fuzzing: a storage class "torch.QUInt8Storage\n" stood in a refusal as it was. */
    @Test
    void aRefusalIsOneLineWhateverTheFileSays() {
        assertThat(new PickleException("argument 2 of a storage is torch.QUInt8Storage\n, expected is a class"))
                .hasMessage("argument 2 of a storage is torch.QUInt8Storage?, expected is a class");
    }

    /** Found by fuzzing: a class called so broke the message that refuses it into two lines. */
    @Test
    void whatCannotBeShownIsLeftOutOfAName() {
        assertThat(new OpaqueName("torch.BFloat16St\u0085\n\u202eage").name()).isEqualTo("torch.BFloat16St???age");
        assertThat(new OpaqueName("pathlib.PosixPath").name()).isEqualTo("pathlib.PosixPath");
    }
}
