# emit: hir
def gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a
#> f0 py.gcd(a: int, b: int) -> int:  # exported
#>     while truth(b#int):
#>         %t2 = b#int
#>         %t3 = (a#int % b#int)
#>         a#int = %t2
#>         b#int = %t3
#>     return a#int
#>
#> f1 __main__() -> None:
#>     pass
