# emit: hir
def safe(a: int, b: int) -> int:
    try:
        return a // b
    except ZeroDivisionError as e:
        print("no:", e)
    finally:
        print("done")
    return 0
#> f0 py.safe(a: int, b: int) -> int:  # exported
#>     try:
#>         return (a#int // b#int)
#>     except (ZeroDivisionError) as e#exception:
#>         print <"no: " {e#exception} "\n">
#>     finally:
#>         print <"done\n">
#>     return 0
#>
#> f1 __main__() -> None:
#>     pass
