package dev.mediator.checkpoint.pickle;

import java.io.IOException;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One run over one pickle. Every opcode pushes, pops or changes the top of a stack of finished values. */
final class PickleMachine {
    private static final int HIGHEST_PROTOCOL = 5;
    private static final int MOST_INTEGER_BYTES = 32;
    private static final int BIG_INTEGER = 100;

    private final PickleInput in;
    private final PickleVocabulary vocabulary;
    private final PickleBudget budget;
    private final PickleStack stack = new PickleStack();
    private final PickleMemo memo = new PickleMemo();
    private final PickleContainers containers;

    PickleMachine(PickleInput in, PickleVocabulary vocabulary, PickleBudget budget) {
        this.in = in;
        this.vocabulary = vocabulary;
        this.budget = budget;
        this.containers = new PickleContainers(stack, budget);
    }

    @Nullable
    Object run() throws IOException {
        int first = in.u1();
        int protocol = first == Opcode.PROTO ? in.u1() : -1;
        if (protocol < 2 || protocol > HIGHEST_PROTOCOL) {
            throw new PickleException("it is not a pickle of protocol 2 to " + HIGHEST_PROTOCOL);
        }
        for (int opcode = in.u1(); opcode != Opcode.STOP; opcode = in.u1()) {
            if (!literal(opcode) && !containers.handle(opcode) && !memo(opcode) && !object(opcode)) {
                throw new PickleException(String.format(
                        Locale.ROOT,
                        "it has the pickle opcode 0x%02x at byte %d, which has no place in data",
                        opcode,
                        in.position() - 1));
            }
        }
        return stack.pop();
    }

    private boolean literal(int opcode) throws IOException {
        switch (opcode) {
            case Opcode.NONE -> stack.push(null);
            case Opcode.NEWTRUE -> stack.push(true);
            case Opcode.NEWFALSE -> stack.push(false);
            case Opcode.BININT1 -> pushNumber((long) in.u1());
            case Opcode.BININT2 -> pushNumber((long) in.u2());
            case Opcode.BININT -> pushNumber((long) in.i4());
            case Opcode.LONG1 -> pushNumber(integer());
            case Opcode.BINFLOAT -> pushNumber(in.f8());
            case Opcode.SHORT_BINSTRING, Opcode.SHORT_BINUNICODE -> stack.push(in.text(in.u1()));
            case Opcode.BINSTRING, Opcode.BINUNICODE -> stack.push(in.text(in.u4()));
            case Opcode.BINUNICODE8 -> stack.push(in.text(in.i8()));
            case Opcode.SHORT_BINBYTES -> stack.push(in.bytes(in.u1()));
            case Opcode.BINBYTES -> stack.push(in.bytes(in.u4()));
            case Opcode.BINBYTES8, Opcode.BYTEARRAY8 -> stack.push(in.bytes(in.i8()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void pushNumber(Object number) throws PickleException {
        budget.charge(PickleBudget.OBJECT);
        stack.push(number);
    }

    private Object integer() throws IOException {
        int count = in.u1();
        if (count > MOST_INTEGER_BYTES) {
            throw new PickleException("it has an integer of " + count + " bytes, allowed are " + MOST_INTEGER_BYTES);
        }
        if (count <= Long.BYTES) {
            return in.integer(count);
        }
        budget.charge(BIG_INTEGER);
        BigInteger value = in.bigInteger(count);
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    private boolean memo(int opcode) throws IOException {
        switch (opcode) {
            case Opcode.BINPUT -> memo.put(in.u1(), stack.top());
            case Opcode.LONG_BINPUT -> memo.put(in.u4(), stack.top());
            case Opcode.MEMOIZE -> memo.add(stack.top());
            case Opcode.BINGET -> stack.push(memo.get(in.u1()));
            case Opcode.LONG_BINGET -> stack.push(memo.get(in.u4()));
            case Opcode.FRAME -> in.frame();
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean object(int opcode) throws IOException {
        switch (opcode) {
            case Opcode.GLOBAL -> stack.push(global(in.line(), in.line()));
            case Opcode.STACK_GLOBAL -> {
                Object name = stack.pop();
                if (!(name instanceof String function) || !(stack.pop() instanceof String module)) {
                    throw new PickleException("it imports something whose name is not text");
                }
                stack.push(global(module, function));
            }
            case Opcode.REDUCE, Opcode.NEWOBJ -> {
                Object arguments = stack.pop();
                stack.push(call(stack.pop(), arguments));
            }
            case Opcode.NEWOBJ_EX -> {
                stack.pop(); // arguments by name
                Object arguments = stack.pop();
                stack.push(call(stack.pop(), arguments));
            }
            case Opcode.BUILD -> build(stack.pop());
            case Opcode.BINPERSID -> stack.push(vocabulary.persistent(stack.pop()));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The one place where a name of the file is looked up: in a table. What is not there stays a name. */
    private PickleGlobal global(String module, String name) throws PickleException {
        String fullName = module + "." + name;
        PickleGlobal global = vocabulary.find(fullName);
        if (global != null) {
            return global;
        }
        if (AttackNames.contains(module, name)) {
            throw new PickleException("it asks for " + Quoted.of(fullName)
                    + ", which a file of tensors does not need; nothing of it was run");
        }
        budget.charge(PickleBudget.TEXT + 2L * fullName.length());
        return new OpaqueName(fullName);
    }

    private @Nullable Object call(@Nullable Object called, @Nullable Object arguments) throws PickleException {
        String name = called instanceof OpaqueObject object ? object.name() : Arguments.kind(called);
        if (!(called instanceof PickleGlobal) && !(called instanceof OpaqueObject)) {
            throw new PickleException("it calls " + name);
        }
        if (!(arguments instanceof Tuple tuple)) {
            throw new PickleException("it calls " + Quoted.of(name) + " without a tuple of arguments");
        }
        return called instanceof PickleFunction function
                ? function.body().call(new Arguments(name, tuple, budget))
                : new OpaqueObject(name, tuple, budget);
    }

    /**
     * Fills the object on top. Attributes of dictionaries (a {@code state_dict} has versions of its modules there) are
     * left out.
     */
    private void build(@Nullable Object state) throws PickleException {
        Object target = stack.top();
        if (target instanceof PickleObject object) {
            object.build(state, budget);
        } else if (!(target instanceof Map)) {
            throw new PickleException("it sets attributes of " + Arguments.kind(target));
        }
    }
}
