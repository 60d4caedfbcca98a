"""The pipeline: configuration, `create_pipeline`, one runner file per engine, lineage, and the command line."""

import os

# ML Metadata's library would print two lines for each connection to a server. It reads this variable when it is loaded.
if os.environ.get("MOCOGAN_VERBOSE") != "1":
    os.environ.setdefault("GLOG_minloglevel", "3")
