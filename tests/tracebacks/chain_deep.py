def third():
    try:
        1 / 0
    except ZeroDivisionError:
        try:
            raise ValueError("a")
        except ValueError:
            raise KeyError("b")


def again(n: int):
    try:
        third()
    except LookupError as first:
        try:
            assert n > 5, "small"
        except AssertionError:
            raise first


try:
    again(1)
finally:
    x = (1, 2, 3)
    print(x[2])
