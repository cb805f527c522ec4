class Wrong(Exception):
    pass


def inner(n):
    return 10 // n


def outer(n):
    try:
        return inner(n)
    except ZeroDivisionError:
        print("handling")
        raise Wrong(f"no result for {n}")


try:
    outer(0)
except Wrong as e:
    values = (1, 2)
    i = 5
    print(values[i])
