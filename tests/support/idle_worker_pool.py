"""A pool that says that it has started a worker, and starts none.

python idle_worker_pool.py PORT
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc


class IdlePool(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
    def StartWorker(self, request: Any, context: Any) -> Any:
        return beam_fn_api_pb2.StartWorkerResponse()

    def StopWorker(self, request: Any, context: Any) -> Any:
        return beam_fn_api_pb2.StopWorkerResponse()


if __name__ == "__main__":
    server = grpc.server(ThreadPoolExecutor(1))
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(IdlePool(), server)
    server.add_insecure_port(f"[::]:{sys.argv[1]}")
    server.start()
    print("listening", flush=True)
    server.wait_for_termination()
