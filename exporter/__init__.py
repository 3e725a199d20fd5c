"""Prometheus exporter for hosted contact-center platforms."""

__version__ = "0.1.0"
