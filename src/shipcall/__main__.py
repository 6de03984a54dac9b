"""`python -m shipcall`."""

from shipcall.main import main

if __name__ == "__main__":
    main()
