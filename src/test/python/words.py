"""What the client says: a JSON object a line."""

import json
import os
import sys
import time


def words(error):
    """One line of text, with the SQLSTATE where the server gave one."""
    if error is None:
        return None
    text = " ".join(str(error).split()) or type(error).__name__
    code = getattr(error, "pgcode", None)
    return f"{code} {text}"[:300] if code else text[:300]


def say(event, **fields):
    """One write: lines of several processes and threads never mix."""
    line = json.dumps({"event": event, "at": round(time.time(), 4), **fields})
    os.write(sys.stdout.fileno(), (line + "\n").encode())
