"""sys.exit with a status, through finally."""
import sys


def leave(code: int) -> None:
    try:
        print("leaving")
        sys.exit(code)
    finally:
        print("finally")


leave(7)
print("never")
