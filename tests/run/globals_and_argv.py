"""Module-level variables seen from functions, sys.argv, string comparison."""
import sys

total = 0
ratio = 0.5
flag = False
pair = (1, 2)


def accumulate(n: int) -> int:
    global total, flag
    for i in range(n):
        total += i
        if total > 50:
            flag = True
    return total


def read() -> float:
    return total * ratio + (1 if flag else 0) + pair[1]


print(accumulate(5), read())
print(accumulate(12), read(), flag)
ratio = 0.25
print(read())
print(len(sys.argv))
for i in range(1, len(sys.argv)):
    print(i, sys.argv[i], len(sys.argv[i]))
word = "hello"
print(word == "hello", word != "x", word < "help", "a" < "B", "é" > "z", len("漢字é"), len(""))
print("same" if word == "hello" else "different", word)
print(int("12") + 1, float("2.5") * 2)
