"""try / except / else / finally in every order, messages of arithmetic errors."""


def div(a: int, b: int) -> int:
    return a // b


def run(which: int) -> int:
    try:
        if which == 0:
            return div(1, 0)
        if which == 1:
            raise ValueError("one")
        if which == 2:
            raise KeyError
        if which == 3:
            assert which != 3, "three"
        if which == 4:
            raise OverflowError(f"got {which} and {which / 3:.3f}")
    except ZeroDivisionError as e:
        print("zero:", e)
        return -1
    except (KeyError, OverflowError) as e:
        print("key or overflow", e)
    except ValueError:
        print("value")
        return -2
    else:
        print("else")
    finally:
        print("finally", which)
    return which


def loops() -> None:
    for i in range(5):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            print("body", i)
        finally:
            print("clean", i)


def override() -> int:
    try:
        raise RuntimeError("lost")
    finally:
        return 7


def nested(n: int) -> int:
    try:
        try:
            return 10 // n
        except ZeroDivisionError:
            print("inner")
            raise
        finally:
            print("inner finally")
    except ArithmeticError as e:
        print("outer", e)
    return 0


def reraise(n: int) -> None:
    try:
        raise ValueError("first")
    except ValueError:
        raise IndexError(f"second {n}")


for k in range(6):
    try:
        print("result", run(k))
    except AssertionError as e:
        print("assert", e)
loops()
print(override(), nested(2), nested(0))
try:
    reraise(3)
except LookupError as e:
    print("caught", e)


def messages(a: int, b: int, x: float, y: float) -> None:
    try:
        print(a // b)
    except ZeroDivisionError as e:
        print(e)
    try:
        print(a % b)
    except ZeroDivisionError as e:
        print(e)
    try:
        print(a / b)
    except ZeroDivisionError as e:
        print(e)
    try:
        print(x / y)
    except ZeroDivisionError as e:
        print(e)
    try:
        print(x // y)
    except ZeroDivisionError as e:
        print(e)
    try:
        print(x % y)
    except ZeroDivisionError as e:
        print(e)
    try:
        print(divmod(a, b))
    except ZeroDivisionError as e:
        print(e)
    try:
        print(a << (b - 1))
    except ValueError as e:
        print(e)
    try:
        print(a >> (b - 1))
    except ValueError as e:
        print(e)
    try:
        print(y ** -1.0)
    except ZeroDivisionError as e:
        print(e)
    try:
        print(int(float("nan") + x))
    except ValueError as e:
        print(e)
    try:
        print(int(float("inf") + x))
    except OverflowError as e:
        print(e)
    try:
        print(int("12x"))
    except ValueError as e:
        print(e)
    try:
        print(float("abc"))
    except ValueError as e:
        print(e)
    try:
        print(pow(2, 5, b))
    except ValueError as e:
        print(e)


messages(5, 0, 1.5, 0.0)
try:
    for i in range(0, 5, int(0.5)):
        print(i)
except ValueError as e:
    print(e)
