"""What `import pyexec` is to CPython in the run suite: names for annotations, and buffers as memoryviews."""

from array import array


class _Sized:
    """A sized type. `int32[:]` is an annotation; nobody asks what it is."""

    def __init__(self, name, code):
        self.name, self.code = name, code

    def __getitem__(self, dimensions):
        return memoryview

    def __repr__(self):
        return self.name


bool_ = _Sized("bool_", "?")
int8, int16, int32, int64 = (_Sized(f"int{8 << i}", "bhiq"[i]) for i in range(4))
uint8, uint16, uint32, uint64 = (_Sized(f"uint{8 << i}", "BHIQ"[i]) for i in range(4))
float32, float64 = _Sized("float32", "f"), _Sized("float64", "d")


class _Rows:
    """Two dimensions: a memoryview that has rows."""

    def __init__(self, view):
        self.view, self.shape = view, view.shape
        self.ndim, self.itemsize, self.nbytes = view.ndim, view.itemsize, view.nbytes
        self.flat = view.cast("B").cast(view.format) if view.nbytes else view

    def __len__(self):
        return len(self.view)

    def __getitem__(self, at):
        if isinstance(at, tuple):
            return self.view[at]
        rows, columns = self.shape
        if not -rows <= at < rows:
            raise IndexError("index out of bounds on dimension 1")
        at %= rows
        return self.flat[at * columns : (at + 1) * columns]

    def __setitem__(self, at, value):
        self.view[at] = value


def zeros(shape, dtype=float64):
    """A buffer of zeros."""
    lengths = shape if isinstance(shape, tuple) else (shape,)
    if min(lengths) < 0:
        raise ValueError("negative dimensions are not allowed")
    count = 1
    for length in lengths:
        count *= length
    size = 1 if dtype is bool_ else array(dtype.code).itemsize
    view = memoryview(bytearray(count * size)).cast(dtype.code)
    if len(lengths) == 1:
        return view
    return _Rows(view.cast("B").cast(dtype.code, lengths))
