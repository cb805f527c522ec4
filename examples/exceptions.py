"""Exceptions: raising, catching by class, else and finally, nesting, re-raising, and clean-up on return."""


def divide(a: int, b: int) -> int:
    return a // b


def classify(a: int, b: int) -> int:
    """Walks through every clause of try."""
    try:
        quotient = divide(a, b)
    except ZeroDivisionError as error:
        print("caught:", error)
        return -1
    else:
        print("no exception, quotient", quotient)
    finally:
        print("finally for", a, b)
    return quotient


def check_age(age: int) -> int:
    if age < 0:
        raise ValueError(f"age {age} is negative")
    assert age < 150, "nobody is that old"
    return age


def first_failure(start: int) -> int:
    """finally runs on break, on continue and on return alike."""
    for i in range(start, -5, -1):
        try:
            if i % 2:
                continue
            check_age(i)
            if 100 // (i + 2) > 40:
                return i
        except ZeroDivisionError:
            print("zero at", i)
            break
        finally:
            print("tried", i)
    return -99


def nested(n: int) -> int:
    try:
        try:
            return 100 // n
        except ArithmeticError:
            print("inner handler, passing it on")
            raise
    except ZeroDivisionError:
        print("outer handler")
        return 0


print(classify(17, 5))
print(classify(1, 0))
for age in range(-1, 200, 100):
    try:
        print("age", check_age(age))
    except ValueError as error:
        print("ValueError:", error)
    except AssertionError as error:
        print("AssertionError:", error)
print(first_failure(3))
print(nested(7), nested(0))
try:
    try:
        raise KeyError
    finally:
        print("cleaning up")
except (IndexError, KeyError):
    print("one of two classes")
try:
    print(2.0 ** 5000)
except OverflowError:
    print("too large for a float")
