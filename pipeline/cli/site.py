"""`mocogan site`: writes the runs and artifacts of a folder as a static site."""

from __future__ import annotations

import json

import click

from mocogan.data.verbosity import is_quiet
from mocogan.pipeline.cli.verbosity import quiet_option


@click.command()
@click.argument("out", required=False)
@click.option("--out", "named", help="Output folder of the runs. [default: output]")
@click.option("--html", help="Folder of the site. [default: site in the output folder]")
@click.option("--watch", is_flag=True, help="Write it again when something changes.")
@click.option("--interval", default=5.0, show_default=True, help="Seconds between two looks.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@quiet_option
def site(
    out: str | None,
    named: str | None,
    html: str | None,
    watch: bool,
    interval: float,
    as_json: bool,
) -> None:
    """Write all runs and artifacts as a static site.

    Open its index.html in a browser. It needs no server and no network. Outside of the output folder, the site has
    copies of the clips and reports, so you can send it to others.
    """
    from mocogan.pipeline.site.watching import watch_site
    from mocogan.pipeline.site.writer import WrittenSite, write_site

    shown: list[tuple[int, int]] = []

    def show(written: WrittenSite) -> None:
        counts = (written.runs, written.artifacts)
        if counts in shown[-1:]:
            return  # only the progress of a run has changed
        shown.append(counts)
        if as_json:
            click.echo(json.dumps({**written._asdict(), "page": str(written.page)}))
            return
        click.echo(
            f"{written.page}  {written.runs} runs, {written.artifacts} artifacts, "
            f"{written.written} pages written, {written.kept} unchanged, {written.seconds:.1f} s"
        )
        if written.not_copied and not is_quiet():
            click.echo(f"note: {written.not_copied} large files are not copied")

    folder = named or out or "output"
    if not watch:
        show(write_site(folder, html))
        return
    try:
        watch_site(folder, html, max(interval, 0.5), show)
    except KeyboardInterrupt:
        if not is_quiet():
            click.echo("stopped", err=as_json)
