"""A simulated LiveVox site: `app(scenario)` is an ASGI application that speaks its API.

It answers sign-in (`/session/...`), discovery (`/configuration/callCenters`, `/services`,
`/agents`, `/campaign/campaigns/search`) and the polled methods of `/realtime/...`, with the JSON
types of the public samples, odd ones included. A version after the category, as in
`/realtime/v6.0/service/stats`, is accepted. Anything else is 404, or 405 on a known path.

`GET /realtime/callData/inCall` and `/postCall` know the calls that agent events carried the ids of:
while they last, and after they ended, those of today. Agent events tell what agents/status shows,
also where a fault of the site changes it: an agent whom `vanish_service` hides logs off.

The event feeds `POST /realtime/agentEvent/feed` and `/realtime/event/feed` (long polls) and
`/realtime/event/feed/sse` (server-sent events) begin with the site, and keep events for 24
simulated hours. What happens is told at once; how long they wait for it is in `Patience`, in real
seconds. As in the public sample an agent's own call that reached somebody has operatorTransfer 1,
though service/stats counts only calls that came to a queue.

Beside them stand:

- `GET /_truth?since=MS&agents=named&feed=NAME`: what a perfect exporter shows now that started at
  `since` (default: the simulation's start), without the label `source`; `feed` may be repeated. The
  feeds agent_events and call_data must be named. Agent events tell since when an agent is in his
  state only if he came into it after `since`.
  So must interaction_events, which counts every event that was created after `since`, and then
  alone tells the contacts.
- `GET /_events?feed=interaction_events|agent_events&after=POSITION`: the events that were created,
  at most 10,000, oldest first, with their positions (from 1, without gaps) and moments.
- `GET /_secrets`: every planted string that must not be found in an exporter's output.
- `GET /_requests`: counts by method and path, the most at once, and under `changes` each request
  that is not one of the reading ones; `DELETE` begins again.
- `GET /_clock`, `POST /_pause`, `POST /_resume`, `POST /_advance {"seconds": n}`.
- `POST /_faults {"fault": NAME, "path": PATH or "*", "times": n or null, ...}` makes it misbehave;
  `GET` lists the faults in force, `DELETE` lifts them.

Faults of answers, in force for `path` until lifted or met `times` times:

- `status` {status, retry_after}: that HTTP status, nothing done; `retry_after` as given.
- `slow` {seconds, dribble}: so many real seconds before the answer, or spread over its body.
- `cut`: the connection ends in the middle of a body whose length was announced.
- `broken_json`, `empty_body`: two thirds of the body; none of it.
- `wrong_document` {shape}: JSON of another shape: list, string, number, null, missing_array.
- `hang`: no answer until the faults are lifted.
- `refuse_login`: 401 at sign-in; it needs no path.
- `wrong_types` {row or id, fields}: values put into one row.
- `bad_key` {row or id}: the row's key is an object.
- `duplicate_row` {row or id}: the row comes twice.
- `extra_keys`: unknown keys in the document and in each row.
- `null_fields` {row or id, every_row, fields}: nulls; without `fields` all but the key.
- `truncated_list` {mode}: endless (each page is a full one with a `next`) or no_next (never a
  `next`: what follows the first page is not found).

`row` counts from 0 (default), `id` is the value of the row's key.

A stream meets `status`, `slow` (before it begins) and `hang`; the others are for whole answers.

Faults of the feeds, in force for the path of a feed (or `*`) until lifted:

- `duplicates` {share}: so many of the events come again a little later, also on another page or
  connection. `reordering` {share}: so many pairs of neighbours are swapped.
- `cut_events` {every, times}: the connection ends in the middle of an event, after about so many.
  A page that was cut is whole the next time.
- `half_open`: no bytes any more, on open connections and new ones. `silence`: no events, until it
  is lifted; then they come.
- `expired_token` {times: 1}: the next request with a token is answered as too old.
- `not_enabled` {mode}: forbidden (403) or empty (what happens meanwhile never comes).
- `clock_skew` {seconds}: the times in events are off. `extra_keys`: unknown keys. `null_fields`:
  what nothing is counted by is null, or the text "null".
- `garbage` {every}: after so many events a line that is no JSON; in a long poll an element that is
  no event.

Further events, created at once for the feed of a path (and kept: they can not be lifted):

- `burst` {events}: calls that started and ended, up to 100,000 events.
- `unknown_events` {n}: of a type that nobody documented; the one kind that agents have, too.
- `missing_id` {n}: without an eventId. `huge_event` {bytes}: one with a long text.

Whatever faults do to delivery, an event is delivered to who goes on from one before it, or from
the last that came whole.

Faults of the site, done once when asked for (they know no path and no times, and stay):

- `session_expiry`: no session is valid any more.
- `vanish_service` {id}, `restore_service` {id}: a service is in no answer; is there again.
- `duplicate_name` {id, of}, `rename_service` {id, name}, `new_service` {name}.
- `midnight`: one second after the next local midnight; everything until then has happened.
- `correction` {n, id, total}: a total of the day (offered, handled, abandoned,
  handled_in_threshold, abandoned_in_threshold) is n less until its next reset.
- `reset_lag` {seconds, ids}: totals of these services (every second one) reset so many simulated
  seconds after midnight.

Without an `id` the first service that fits is taken. The truth knows the faults of the site; it
does not know those of answers: it tells what a whole answer would have told.
"""

from exporter.simulators.livevox.feedpath import Patience
from exporter.simulators.livevox.server import app
from exporter.simulators.livevox.sessions import Account

__all__ = ["Account", "Patience", "app"]
