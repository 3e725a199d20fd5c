"""The dashboard "Contact center overview": for a supervisor, and for the SRE below it."""

from overview.assembly import contact_center_overview

__all__ = ["contact_center_overview"]
