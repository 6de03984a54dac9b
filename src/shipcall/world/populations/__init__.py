"""Populations: rows drawn from known laws for the certificate, with true values stated."""
