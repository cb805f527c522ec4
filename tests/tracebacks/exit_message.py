"""sys.exit with a text goes to stderr with status 1."""
import sys

print("before")
sys.exit("bad thing")
