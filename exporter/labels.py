"""Words of a vendor that become label values, and agents' identities."""

import hashlib
import hmac
import re
import unicodedata

_OTHER_CHARACTERS = re.compile(r"[^a-z0-9]+")
OTHER = "other"
LONGEST = 128  # characters of a word: a longer one is a text, and becomes `other`


def slug(text: str) -> str:
    """A word in lower-case ASCII letters and digits, joined by `_`; `%` is `percent`.

    An accent is taken off its letter. Empty if nothing is left.
    """
    apart = unicodedata.normalize("NFKD", text.replace("%", " percent "))
    plain = "".join([c for c in apart if not unicodedata.combining(c)])  # é is e
    return _OTHER_CHARACTERS.sub("_", plain.lower()).strip("_")


class Vocabulary:
    """An open set of words of which at most `cap` become label values; the rest is `other`."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._known: dict[str, str] = {}
        self._values: set[str] = set()

    def value(self, text: str | None) -> str:
        """The label value for a vendor's word; empty for none."""
        if not text:
            return ""
        known = self._known.get(text)
        if known is not None:
            return known
        if len(text) > LONGEST:
            return OTHER
        made = slug(text) or (OTHER if text.strip() else "")
        if made not in ("", OTHER) and made not in self._values:
            if len(self._values) >= self._cap:
                return OTHER
            self._values.add(made)
        if len(self._known) < 4 * self._cap:  # several spellings may share one value
            self._known[text] = made
        return made


def hashed(login: str, key: str) -> str:
    """An agent's pseudonym: 12 hex digits of the HMAC-SHA-256 of the login."""
    return hmac.new(key.encode(), login.encode(), hashlib.sha256).hexdigest()[:12]
