"""A server of Google Cloud Storage's API for tests: that of gcp-storage-emulator, with the rules of an object store.

Beam's client reaches it through STORAGE_EMULATOR_HOST. TensorFlow's client knows no such variable, but libcurl in it
takes a proxy (`https_proxy`) and a certificate (`CURL_CA_BUNDLE`). So the server is also a proxy, which answers for
Google's hosts itself.
"""
