def f(n):
    try:
        return 1 // n
    except ZeroDivisionError:
        raise ValueError("n must not be 0") from None


try:
    f(0)
except ValueError:
    try:
        raise
    finally:
        print("leaving")
