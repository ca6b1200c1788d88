package dev.mediator.checkpoint.pickle;

import java.util.List;
import java.util.Set;

/**
 * Names that no file of tensors has a use for, but that attacks are made of: what starts programs, evaluates text, imports
 * modules or loads further pickles. Nothing is ever called here, so this list protects nobody; it makes such a file be
 * refused by what it tried, instead of being shown as data.
 */
final class AttackNames {
    private static final Set<String> MODULES = Set.of(
            "os",
            "posix",
            "nt",
            "subprocess",
            "_posixsubprocess",
            "commands",
            "popen2",
            "pty",
            "sys",
            "shutil",
            "importlib",
            "imp",
            "zipimport",
            "pkgutil",
            "runpy",
            "ctypes",
            "_ctypes",
            "code",
            "codeop",
            "pdb",
            "bdb",
            "timeit",
            "profile",
            "cProfile",
            "trace",
            "webbrowser",
            "pip",
            "pickle",
            "_pickle",
            "cPickle",
            "marshal",
            "shelve",
            "urllib",
            "urllib2",
            "http",
            "httplib",
            "requests",
            "ftplib",
            "telnetlib");
    private static final Set<String> BUILTINS = Set.of(
            "eval",
            "exec",
            "execfile",
            "compile",
            "open",
            "file",
            "__import__",
            "reload",
            "setattr",
            "delattr",
            "input",
            "raw_input",
            "breakpoint",
            "globals",
            "locals",
            "vars",
            "apply",
            "exit",
            "quit");
    private static final List<String> PREFIXES = List.of(
            "torch.load",
            "torch.hub.",
            "torch.jit.load",
            "torch.storage._load_from_bytes",
            "torch.serialization.load",
            "torch.utils.cpp_extension.",
            "torch.utils.model_zoo.",
            "torch._dynamo.",
            "torch._inductor.",
            "numpy.testing.",
            "numpy.f2py.",
            "numpy.distutils.",
            "numpy.load",
            "asyncio.subprocess",
            "asyncio.unix_events",
            "multiprocessing.util.spawn");

    private AttackNames() {}

    static boolean contains(String module, String name) {
        int dot = module.indexOf('.');
        String top = dot < 0 ? module : module.substring(0, dot);
        if (top.equals("builtins") || top.equals("__builtin__")) {
            int end = name.indexOf('.');
            return BUILTINS.contains(end < 0 ? name : name.substring(0, end));
        }
        String full = module + "." + name;
        return MODULES.contains(top) || PREFIXES.stream().anyMatch(full::startsWith);
    }
}
