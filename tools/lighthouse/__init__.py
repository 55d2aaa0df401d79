"""Lighthouse over the site: what ``make lighthouse`` runs."""
