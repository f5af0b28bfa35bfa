"""A transaction of one statement whose locks end before the disk has it, in one round trip (docs/adr/0023).

BEGIN, the statement, COMMIT and a second, tiny commit are sent together; the server answers all at once, when the log
is on disk up to the last. Source: libpq, "Pipeline Mode"; PostgreSQL, "Asynchronous Commit".
"""

from collections.abc import Sequence
from select import POLLIN, POLLOUT, poll
from typing import Any

from psycopg import OperationalError
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from audit.selectors.prepared import FLUSH
from audit.selectors.prepared_postgresql import DONE, PreparedCursor

_BEFORE, _AFTER = (b"BEGIN",), (b"COMMIT", FLUSH.encode())


class EarlyCommitCursor(PreparedCursor):
    """For statements that set `synchronous_commit` off for their transaction, while none is open."""

    def _run(self, name: bytes, values: Sequence[Any], formats: Sequence[Format] | None) -> PGresult:
        pgconn = self._connection.pgconn
        before, after = ([self._name(text, ()) for text in texts] for texts in (_BEFORE, _AFTER))
        try:
            pgconn.enter_pipeline_mode()
            for step in before:
                pgconn.send_query_prepared(step, ())
            pgconn.send_query_prepared(name, values, formats, self._format)
            for step in after:
                pgconn.send_query_prepared(step, ())
            pgconn.pipeline_sync()
            _send(pgconn)
            results = _receive(pgconn)
            pgconn.exit_pipeline_mode()
        except BaseException:  # a time limit, say: nobody can go on from half an answer
            pgconn.finish()
            raise
        if pgconn.transaction_status != TransactionStatus.IDLE:
            pgconn.exec_(b"ROLLBACK")
        return next((result for result in results if result.status not in DONE), results[len(before)])


def _send(pgconn: PGconn) -> None:
    """Until the server has all of it: a statement may be larger than what the socket takes at once."""
    ways = poll()
    ways.register(pgconn.socket, POLLIN | POLLOUT)
    while pgconn.flush():
        if any(event & ~POLLOUT for _, event in ways.poll()):
            pgconn.consume_input()  # else each side could wait for the other to read


def _receive(pgconn: PGconn) -> list[PGresult]:
    """The results of all that was sent, once the last is there. Waits without keeping the interpreter to itself."""
    answers = poll()
    answers.register(pgconn.socket, POLLIN)
    results: list[PGresult] = []
    while True:
        while pgconn.is_busy():
            answers.poll()
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None and pgconn.status == ConnStatus.BAD:
            raise OperationalError(pgconn.get_error_message())
        if result is None:
            continue  # the end of one statement
        if result.status == ExecStatus.PIPELINE_SYNC:
            return results
        results.append(result)
