"""The world: releases with known truth. It cannot see who judges them."""
