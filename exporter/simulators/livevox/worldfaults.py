"""Faults of the simulated site itself: they happen once, when asked for."""

from collections.abc import Callable, Mapping

from exporter.simulators.livevox.sessions import Sessions
from exporter.simulators.options import BadRequest, Options
from exporter.simulators.scenario import Scenario
from exporter.simulators.tallies import Contact
from exporter.simulators.world import Queue

Done = dict[str, object]
_TOTALS = {
    "offered": Contact.OFFERED,
    "handled": Contact.HANDLED,
    "abandoned": Contact.ABANDONED,
    "handled_in_threshold": Contact.HANDLED_IN_THRESHOLD,
    "abandoned_in_threshold": Contact.ABANDONED_IN_THRESHOLD,
}


class WorldFaults:
    """Does what cannot be done to a single answer; each method says what it did.

    `review` is called when another service may be seen than before.
    """

    def __init__(self, scenario: Scenario, sessions: Sessions, review: Callable[[], None]) -> None:
        self._scenario = scenario
        self._sessions = sessions
        self._review = review

    def by_name(self) -> Mapping[str, Callable[[Options], Done]]:
        """The faults by the names they are asked for with."""
        return {
            "session_expiry": self.session_expiry,
            "vanish_service": self.vanish_service,
            "restore_service": self.restore_service,
            "duplicate_name": self.duplicate_name,
            "rename_service": self.rename_service,
            "new_service": self.new_service,
            "midnight": self.midnight,
            "correction": self.correction,
            "reset_lag": self.reset_lag,
        }

    def session_expiry(self, options: Options) -> Done:
        """No session is valid any more."""
        options.done()
        self._sessions.expire()
        return {}

    def vanish_service(self, options: Options) -> Done:
        """A service is in no answer any more."""
        queue = self._queue(options)
        options.done()
        if queue.hidden_since is None:
            queue.hidden_since = self._scenario.tick
            self._review()
        return {"id": queue.id}

    def restore_service(self, options: Options) -> Done:
        """A service that vanished is there again."""
        queue = self._queue(options)
        options.done()
        queue.hidden_since = None
        self._review()
        return {"id": queue.id}

    def duplicate_name(self, options: Options) -> Done:
        """A service gets the name of another: `of`, or the first one that is not itself."""
        queue = self._queue(options)
        of = options.take("of", int, 0)
        options.done()
        others = [other for other in self._scenario.visible_queues if other is not queue]
        model = next((other for other in others if of in (0, other.id)), None)
        if model is None:
            raise BadRequest("of must be the id of another service")
        queue.name = model.name
        return {"id": queue.id, "of": model.id, "name": queue.name}

    def rename_service(self, options: Options) -> Done:
        """A service gets another name."""
        queue = self._queue(options)
        name = options.required("name", str)
        options.done()
        if not name:
            raise BadRequest("name must not be empty")
        queue.name = name
        return {"id": queue.id, "name": name}

    def new_service(self, options: Options) -> Done:
        """A service is opened, with two agents of those at work."""
        name = options.take("name", str, "")
        options.done()
        queue = self._scenario.add_queue(name)
        self._review()
        return {"id": queue.id, "name": queue.name, "agents": queue.logged_in}

    def midnight(self, options: Options) -> Done:
        """It is one second after the next local midnight, and all until then has happened."""
        options.done()
        self._scenario.jump_past_midnight()
        return {"now": self._scenario.now_ms}

    def correction(self, options: Options) -> Done:
        """A service's total of the day is `n` less from now on, until its next reset."""
        word = options.take("total", str, "offered")
        count = options.required("n", int)
        if word not in _TOTALS:
            raise BadRequest(f"total must be one of {', '.join(_TOTALS)}")
        contact = _TOTALS[word]
        queue = self._queue(options, lambda queue: queue.day.total(contact) >= count)
        options.done()
        if not 1 <= count <= queue.day.total(contact):
            raise BadRequest(f"n must be from 1 to the total, {queue.day.total(contact)}")
        queue.day.corrected[contact] += count
        queue.counts[contact].debt += count
        return {"id": queue.id, "total": word, "now": queue.day.total(contact)}

    def reset_lag(self, options: Options) -> Done:
        """Totals of some services reset that many seconds after midnight; 0 lifts it."""
        seconds = options.required("seconds", int)
        named = options.take("ids", list, [])
        options.done()
        if seconds < 0:
            raise BadRequest("seconds must not be less than 0")
        queues = [self._find(queue_id) for queue_id in named] or self._scenario.queues[::2]
        for queue in queues:
            queue.reset_lag = seconds
        return {"ids": [queue.id for queue in queues]}

    def _queue(self, options: Options, fits: Callable[[Queue], bool] = lambda queue: True) -> Queue:
        """The service that `id` names, or the first visible one that fits."""
        value = options.take_any("id")
        if value is not None:
            return self._find(value)
        queue = next((queue for queue in self._scenario.visible_queues if fits(queue)), None)
        if queue is None:
            raise BadRequest("no service fits: name one by its id")
        return queue

    def _find(self, value: object) -> Queue:
        text = str(value)
        queue = self._scenario.queue(int(text)) if text.isdecimal() else None
        if queue is None:
            raise BadRequest(f"there is no service {value!r}")
        return queue
