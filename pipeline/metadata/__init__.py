"""Reads and writes the ML Metadata store."""

import os

# ML Metadata's library would print two lines for each connection to a server. It reads this variable when it is loaded.
if os.environ.get("MOCOGAN_VERBOSE") != "1":
    os.environ.setdefault("GLOG_minloglevel", "3")
