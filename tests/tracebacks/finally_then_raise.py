"""finally runs before the traceback."""


def work(n: int) -> int:
    try:
        return 1 % n
    finally:
        print("cleaned")


work(1)
work(0)
