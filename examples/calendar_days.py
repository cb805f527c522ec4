"""Dates: leap years, day numbers, weekdays, Easter, and a printed month."""


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    if not 1 <= month <= 12:
        raise ValueError(f"month must be in 1..12, not {month}")
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def day_number(year: int, month: int, day: int) -> int:
    """Days since 1 January of year 1, which is day 1 (a Monday)."""
    before = year - 1
    number = before * 365 + before // 4 - before // 100 + before // 400 + day
    for m in range(1, month):
        number += days_in_month(year, m)
    return number


def from_day_number(number: int) -> tuple[int, int, int]:
    year = number // 366 + 1
    while day_number(year + 1, 1, 1) <= number:
        year += 1
    month = 1
    day = number - day_number(year, 1, 1) + 1
    while day > (length := days_in_month(year, month)):
        day -= length
        month += 1
    return year, month, day


def easter(year: int) -> tuple[int, int]:
    """Month and day of Easter Sunday, by the anonymous Gregorian algorithm."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return month, day + 1


def print_month(year: int, month: int) -> None:
    print(f"{year:11d}-{month:02d}")
    print("Mo Tu We Th Fr Sa Su")
    start = (day_number(year, month, 1) - 1) % 7
    for _ in range(start):
        print("  ", end=" ")
    for day in range(1, days_in_month(year, month) + 1):
        print(f"{day:2d}", end="\n" if (start + day) % 7 == 0 else " ")
    print()


print_month(2024, 2)
print("days from 1969-07-20 to 2000-01-01:", day_number(2000, 1, 1) - day_number(1969, 7, 20))
year, month, day = from_day_number(738_000)
print(f"day 738000 is {year:04d}-{month:02d}-{day:02d}")
round_trips = True
for number in range(730_000, 731_500, 7):
    y, m, d = from_day_number(number)
    round_trips = round_trips and day_number(y, m, d) == number
print("round trips:", round_trips)
for year in range(2023, 2029):
    month, day = easter(year)
    print(f"Easter {year}: {year}-{month:02d}-{day:02d}", "(leap year)" if is_leap(year) else "")
fridays = 0
for year in range(2001, 2401):
    for month in range(1, 13):
        fridays += day_number(year, month, 13) % 7 == 5
print("Friday the 13th in 400 years:", fridays)
