"""The drawings of the site: graphs of pipelines and lineages, and charts of metrics."""
