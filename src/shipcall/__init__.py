"""shipcall: the SHIP / HOLD / NO SHIP / ROLL BACK call on a new version of a model."""

__all__ = ["__version__"]

__version__ = "0.1.0"
