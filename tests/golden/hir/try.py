# emit: hir
def safe(a: int, b: int) -> int:
    try:
        return a // b
    except ZeroDivisionError as e:
        print("no:", e)
    finally:
        print("done")
    return 0
