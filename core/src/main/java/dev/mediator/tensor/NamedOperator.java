package dev.mediator.tensor;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.Type;

/** An operator of libtorch that its Java interface lacks, called by name. */
final class NamedOperator {
    private final OperatorHandle handle;
    private final int[] results;

    /**
     * Looks the operator up.
     *
     * @param name with namespace, such as {@code aten::mul}
     * @param overload which of those with this name, empty for the one without
     * @param results which of the things it returns are wanted, by their places; they are tensors
     */
    NamedOperator(String name, String overload, int... results) {
        try (Scope scope = Scope.open()) {
            handle = scope.release(Dispatcher.singleton().findSchemaOrThrow(name, overload));
            this.results = results;
        }
    }

    /** Calls it; all arguments must be given, in the order of its schema. */
    List<Tensor> call(IValue... arguments) {
        try (Scope scope = Scope.open();
                IValueVector stack = new IValueVector(arguments)) {
            handle.callBoxed(stack);
            List<Tensor> tensors = new ArrayList<>();
            for (int result : results) {
                // The stack owns the tensors it hands out: take handles of our own.
                tensors.add(scope.keep(new Tensor(stack.get(result).toTensor())));
            }
            return tensors;
        }
    }

    /** Lists of the type that an argument has. */
    ListArgument list(long argument) {
        return new ListArgument(handle, argument);
    }

    /** Makes list arguments; their element type is looked up once. */
    static final class ListArgument {
        private final Type.TypePtr element;

        private ListArgument(OperatorHandle operator, long argument) {
            try (Scope scope = Scope.open()) {
                Type list = operator.schema()
                        .arguments()
                        .getPointer(argument)
                        .type()
                        .get();
                element = scope.release(list.containedType(0));
            }
        }

        IValue of(Tensor... tensors) {
            GenericList list = new GenericList(element);
            for (Tensor tensor : tensors) {
                list.push_back(new IValue(tensor));
            }
            return new IValue(list);
        }

        IValue ofFlags(boolean... values) {
            GenericList list = new GenericList(element);
            for (boolean value : values) {
                list.push_back(new IValue(value));
            }
            return new IValue(list);
        }
    }
}
