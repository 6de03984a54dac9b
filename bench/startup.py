"""Time the start of the program: `python -m shipcall --help`, ten times.

    python bench/startup.py [RUNS]

Prints the least and the median wall time, the same for a bare interpreter, and the modules that
take longest to import. Nothing is asserted: machines differ.
"""

import re
import statistics
import subprocess
import sys
import time

LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| (\s*)(\S+)")
PROGRAM = ["-m", "shipcall", "--help"]


def timed(arguments: list[str], runs: int) -> list[float]:
    """Wall milliseconds of each run, after one that fills the caches."""
    line = [sys.executable, *arguments]
    taken = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL)
        taken.append((time.perf_counter() - began) * 1000)
    return taken[1:]


def slowest(count: int) -> list[tuple[float, str]]:
    """Modules with the longest own import time, in milliseconds."""
    line = [sys.executable, "-X", "importtime", *PROGRAM]
    said = subprocess.run(line, check=True, capture_output=True, text=True).stderr
    own = [(int(found[1]) / 1000, found[4]) for found in LINE.finditer(said)]
    return sorted(own, reverse=True)[:count]


def main(runs: int) -> None:
    """Measure and print."""
    for name, arguments in (("python -c pass", ["-c", "pass"]), ("shipcall --help", PROGRAM)):
        taken = timed(arguments, runs)
        print(
            f"{name:<16} min {min(taken):6.1f} ms   median {statistics.median(taken):6.1f} ms"
            f"   ({runs} runs)"
        )
    print("longest imports, own time:")
    for milliseconds, name in slowest(8):
        print(f"  {milliseconds:6.1f} ms  {name}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
