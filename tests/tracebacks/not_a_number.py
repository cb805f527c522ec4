"""int() of a bad argument."""


def parse(k: int) -> int:
    if k == 0:
        return int("12")
    return int("twelve")


print(parse(0))
print(parse(1))
