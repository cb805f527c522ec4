from contextlib import nullcontext, suppress


class AppError(Exception):
    """Everything of ours."""


class TooLarge(AppError):
    pass


class Missing(KeyError):
    ...


class Worse(TooLarge):
    pass


def check(n: int) -> int:
    if n > 100:
        raise Worse(f"{n} is far too large")
    if n > 10:
        raise TooLarge(f"{n} is too large")
    if n < 0:
        raise Missing("negative")
    if n == 7:
        raise AppError
    return 10 // n


def classify(n: int):
    try:
        print(n, check(n))
    except TooLarge as e:
        print("TooLarge", e, repr(e))
    except (AppError, ZeroDivisionError) as e:
        print("other", e, repr(e))
    except LookupError as e:
        print("lookup", e, repr(e))
    else:
        print("fine")
    finally:
        print("done")


def order(n: int) -> int:
    for i in range(3):
        try:
            try:
                if i == n:
                    return i
                if n == 5:
                    raise Worse("inner")
                continue
            finally:
                print("inner finally", i)
                if n == 9:
                    break
        except AppError as e:
            try:
                raise TooLarge("again") from e
            except TooLarge as f:
                print("caught", f)
        finally:
            print("outer finally", i)
    else:
        return -1
    return -2


def nested(n: int) -> int:
    try:
        return check(n)
    except AppError:
        try:
            check(0)
        except ZeroDivisionError:
            with suppress(KeyError):
                check(-1)
            return 1
    return 2


for n in (5, 0, 7, 11, 101, -3):
    classify(n)
for n in (0, 1, 5, 9, 7):
    print(order(n))
print(nested(20), nested(2))
with suppress(TooLarge, ValueError):
    print("before")
    check(50)
    print("never")
with suppress(TooLarge), nullcontext(3) as three, nullcontext():
    print(three)
    check(500)
with suppress(Exception) as nothing:
    print(nothing)
try:
    with suppress(ValueError):
        check(0)
except ZeroDivisionError as e:
    print("not suppressed:", e)
for i in range(3):
    with suppress(AppError):
        if i == 1:
            continue
        check(i * 10 + 7)
        print("after", i)
count = 0
for i in range(20000):
    try:
        try:
            check(i % 13)
        except AppError as e:
            raise ValueError("converted") from e
    except (ValueError, ZeroDivisionError):
        count += 1
print(count)
