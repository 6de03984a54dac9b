"""The world: releases with known truth. It cannot see who judges them.

    read -> truth -> what is drawn: evaluation, rollout, streams -> tables -> write

`truth` holds every parameter, `read` finds the faults of a file, `write` draws one into a folder.
Below them: `chance` (draws and laws), `people` and `models` (who asks, who answers), `faults`
(what goes wrong, and traps). `populations` stands apart: rows for the certificate.
"""
