"""Writes files of PyTorch with values of many classes, and files that are no files of tensors: python make_opaque.py FOLDER."""

import argparse, collections, dataclasses, datetime, decimal, enum, fractions, functools, pathlib, sys, types, uuid
import numpy, torch, omegaconf, easydict, ml_collections

class Color(enum.Enum):
    RED = 1
class Level(enum.IntEnum):
    LOW = 0
class Flags(enum.Flag):
    A = 1; B = 2
@dataclasses.dataclass
class Settings:
    lr: float = 1e-4
    path: pathlib.Path = pathlib.Path("a/b")
Point = collections.namedtuple("Point", "x y")
class Config(dict):
    pass
class Names(list):
    pass
class Slots:
    __slots__ = ("a", "b")
    def __init__(self): self.a = 1; self.b = torch.arange(3.)
class Custom:
    def __init__(self): self.me = self; self.weights = {"w": torch.arange(2.)}; self.deep = [[self]]
class Ex:
    def __new__(cls, *, k): return object.__new__(cls)
    def __getnewargs_ex__(self): return (), {"k": 1}
    def __init__(self, *, k): self.k = k
class Sub(torch.Tensor):
    pass
for c in (Color, Level, Flags, Settings, Point, Config, Names, Slots, Custom, Ex, Sub):
    c.__module__ = "train"
m = types.ModuleType("train"); m.__dict__.update(globals()); sys.modules["train"] = m

def factory(): return 0
factory.__module__ = "train"; m.factory = factory

conf = omegaconf.OmegaConf.create({"model": {"depth": 2, "sizes": [1, 2], "path": "${.depth}"}, "lr": 1e-4, "none": None})
numpy_values = {
    "object": numpy.array([1, "a", None], dtype=object), "text": numpy.array(["ab", "c"]), "str": numpy.str_("x"),
    "date": numpy.datetime64("2024-01-01"), "dates": numpy.array(["2024-01-01"], dtype="M8[D]"),
    "complex": numpy.complex64(1 + 2j), "record": numpy.zeros(2, dtype=[("a", "f4"), ("b", "i4")]), "type": numpy.float32,
    "dtype": numpy.dtype("f4"), "generator": numpy.random.default_rng(0),
    "masked": numpy.ma.array([1., 2.], mask=[0, 1]), "matrix": numpy.matrix([[1., 2.]]), "bytes": numpy.bytes_(b"x"),
    "longdouble": numpy.longdouble(1),
}
point = Point(1, 2)
defaults = collections.defaultdict(int); defaults["a"] = 1
nested = collections.defaultdict(functools.partial(collections.defaultdict, list)); nested["a"]["b"].append(1)
parameter = torch.nn.Parameter(torch.arange(4.)); parameter.note = "kept"
config = Config(a=1); config.extra = 2
values = {
    "posix": pathlib.PosixPath("/data/x"), "pure": pathlib.PurePosixPath("x"), "windows": pathlib.PureWindowsPath("c:\\x"),
    "datetime": datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc), "date": datetime.date(2024, 1, 2),
    "delta": datetime.timedelta(seconds=3), "time": datetime.time(1), "conf": conf, "conflist": omegaconf.ListConfig([1, {"a": 2}]),
    "color": Color.RED, "level": Level.LOW, "flags": Flags.A | Flags.B, "keyed": {Color.RED: 1, pathlib.Path("a"): 2, frozenset([1]): 3, ((1, 2), (3, 4)): 4, torch.float32: 5, b"b": 6, 1: 7, "1": 8},
    "defaults": defaults, "nested": nested, "lambda_free": collections.defaultdict(factory), "namespace": argparse.Namespace(p=pathlib.Path("q")),
    "ordered": collections.OrderedDict(a=Color.RED), "counter": collections.Counter("aab"), "deque": collections.deque([1, 2], maxlen=3),
    "set": {1, "a", Color.RED}, "frozenset": frozenset([1]), "complex": 1 + 2j, "slice": slice(1, 2), "range": range(3), "uuid": uuid.UUID(int=1),
    "decimal": decimal.Decimal("1.5"), "fraction": fractions.Fraction(1, 3), "partial": functools.partial(int, base=2),
    "gelu": functools.partial(torch.nn.GELU, approximate="tanh"), "function": torch.nn.functional.gelu, "class": torch.nn.LayerNorm, "dataclass": Settings(), "namedtuple": point, "simple": types.SimpleNamespace(a=pathlib.Path("r")),
    "easydict": easydict.EasyDict(a=dict(b=1)), "configdict": ml_collections.ConfigDict({"a": {"b": (1, 2)}}),
    "dict_subclass": config, "list_subclass": Names([1, 2]), "slots": Slots(), "custom": Custom(), "ex": Ex(k=1),
    "ellipsis": Ellipsis, "nonetype": type(None), "type": dict, "exception": ValueError("x"), "bound": datetime.date.fromisoformat, "classmethod": collections.OrderedDict.fromkeys,
    "chain": collections.ChainMap({"a": 1}), "user": collections.UserDict(a=1), "numpy": numpy_values,
    "size": torch.Size([1]), "device": torch.device("cuda:0"), "dtype": torch.float16, "layout": torch.strided, "format": torch.channels_last,
    "torch_version": torch.torch_version.TorchVersion("2.1.0"), "module": torch.nn.Linear(2, 1),
    "finfo": torch.nn.MSELoss(), "iter": iter([1, 2]), "mapping": types.MappingProxyType, "bytes": b"abc", "big": 2 ** 200,
    "union": int | None, "generic": list[int], "zone": datetime.timezone(datetime.timedelta(hours=1)),
}
import typing
values["optional"] = typing.Optional[int]; values["any"] = typing.Any
weights = {
    "plain": torch.arange(6.).view(2, 3), "parameter": torch.nn.Parameter(torch.arange(2.)), "attributed": parameter,
    "subclass": torch.arange(3.).as_subclass(Sub), "buffer": torch.nn.Buffer(torch.arange(5.)),
}
if __name__ == "__main__":
    import io, pickle as pk
    for d in (values, numpy_values):
        for k in list(d):
            try: torch.save(d[k], io.BytesIO())
            except Exception as e: print("drop", k, e); del d[k]
    out = sys.argv[1]
    import os; os.makedirs(out, exist_ok=True)
    for protocol in (2, 4):
        torch.save({"state_dict": weights, "hyper_parameters": values}, f"{out}/opaque-protocol{protocol}.pt", pickle_protocol=protocol)
    net = torch.nn.Sequential(collections.OrderedDict(fc=torch.nn.Linear(3, 2), norm=torch.nn.BatchNorm1d(2)))
    torch.save(net, out + "/whole-module.pt")
    torch.save(net, out + "/whole-module-legacy.pt", _use_new_zipfile_serialization=False)
    torch.save({"model": net, "epoch": 1}, out + "/module-inside.pt")
    torch.jit.script(net).save(out + "/script.pt")
    import warnings; warnings.simplefilter("ignore")
    q = torch.quantize_per_tensor(torch.arange(4.), 0.1, 0, torch.qint8)
    torch.save({"w": q}, out + "/quantised.pt")
    torch.save({"w": torch.quantize_per_channel(torch.randn(2,2), torch.tensor([.1,.2]), torch.tensor([0,0]), 0, torch.quint8)}, out + "/quantised-channel.pt")
    torch.save({"w": torch.eye(3).to_sparse()}, out + "/sparse.pt")
    torch.save({"w": torch.eye(3).to_sparse_csr()}, out + "/sparse-csr.pt")
    torch.save({"w": torch.nested.nested_tensor([torch.ones(1), torch.ones(2)])}, out + "/nested.pt")
    torch.save({"w": torch.empty(2, device="meta")}, out + "/meta.pt")
    torch.save({"w": torch.ones(2, dtype=torch.complex64)}, out + "/complex.pt")
    from torch.package import PackageExporter
    with PackageExporter(out + "/package.pt") as e:
        e.extern("**"); e.save_pickle("model", "model.pkl", {"a": torch.ones(2)})
    try:
        torch.export.save(torch.export.export(net.eval(), (torch.ones(2, 3),)), out + "/exported.pt2")
    except Exception as e: print("export", e)
    import pickle
    pickle.dump({"w": torch.ones(2)}, open(out + "/plain.pkl", "wb"))
