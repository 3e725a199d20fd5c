"""The platforms. A new one is a folder here, one line in VENDORS, one in the settings' union."""

from exporter.vendors.livevox import VENDOR as LIVEVOX

VENDORS = (LIVEVOX,)
