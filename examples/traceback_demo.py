"""An exception that nobody catches: the traceback goes to standard error, and the exit status is 1."""


def settle(amount: int, people: int) -> int:
    share = amount // people
    return share


def evening(guests: int) -> int:
    total = 0
    for hour in range(3):
        print("hour", hour, "guests", guests)
        total += settle(120, guests)
        guests -= 1
    return total


print("total", evening(5))
print("total", evening(2))
print("never printed")
