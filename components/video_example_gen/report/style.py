"""How the ingest report looks: one quiet column, figures that align, light or dark as the reader's system is."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --card: #ffffff; --ink: #1c1e21; --soft: #676d75; --line: #e3e4e0;
  --bar: #2f6f8f; --track: #eef0ee; --warn: #a8461c; --note: #fdf5e6; --note-line: #d9a441;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --card: #1c1f23; --ink: #e7e8e6; --soft: #979da5; --line: #2d3136;
    --bar: #6cb0cf; --track: #25292e; --warn: #f0946a; --note: #272319; --note-line: #b98a35;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 3.5rem 2rem 4rem; max-width: 70rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums lining-nums; overflow-wrap: anywhere;
}
h1, h2, h3, p, dl, dd, table, ul { margin: 0; padding: 0; }
h1 { font-size: 2.25rem; line-height: 1.15; font-weight: 650; letter-spacing: -0.02em; }
h2 { font-size: 1.25rem; font-weight: 650; letter-spacing: -0.01em; }
h3 { font-size: 0.95rem; font-weight: 600; }
section { margin-top: 3.25rem; }
section > * + *, header > * + * { margin-top: 0.5rem; }
.over { color: var(--soft); font-size: 0.8rem; font-weight: 600; letter-spacing: 0.09em; text-transform: uppercase; }
.lead, .source, .remark, small, .more, footer, .classes p { color: var(--soft); font-size: 0.875rem; }
.source, code, .files td:first-child { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.source { font-size: 0.85rem; }

.figures {
  display: grid; grid-template-columns: repeat(6, 1fr); margin-top: 2rem; border: 1px solid var(--line);
  border-radius: 10px; background: var(--line); gap: 1px; overflow: hidden;
}
.figure { display: flex; flex-direction: column; padding: 1rem 1.1rem; background: var(--card); }
.figure dt { color: var(--soft); font-size: 0.8rem; }
.figure dd { font-size: 1.55rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.02em; white-space: nowrap; }
.figure dd.remark { font-size: 0.8rem; font-weight: 400; letter-spacing: 0; white-space: normal; }
.figures.bad .figure:nth-child(2) dd:not(.remark) { color: var(--warn); }

.notes { list-style: none; }
.notes li {
  padding: 0.6rem 0.9rem; border-left: 3px solid var(--note-line); background: var(--note); border-radius: 0 6px 6px 0;
}
.notes li + li { margin-top: 0.5rem; }

.classes { display: grid; grid-template-columns: repeat(2, 1fr); gap: 1.75rem 2.5rem; margin-top: 1.1rem; }
.classes.one { grid-template-columns: 1fr; }
.classes header { display: flex; align-items: baseline; justify-content: space-between; gap: 1rem; }
.classes header > * { margin: 0; }
.classes header p { white-space: nowrap; }
.frames { display: grid; grid-template-columns: repeat(6, 1fr); gap: 5px; margin-top: 0.5rem; }
.one .frames { grid-template-columns: repeat(12, 1fr); }
.frames img {
  display: block; width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 4px; background: var(--track);
}

.charts { columns: 2; column-gap: 2.5rem; margin-top: 1.1rem; }
.charts > table { margin-bottom: 2rem; break-inside: avoid; }
table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
th, td { padding: 0; }
th { font-weight: 400; text-align: left; }
caption { padding-bottom: 0.25rem; text-align: left; font-size: 0.95rem; font-weight: 600; }
thead th { padding-bottom: 0.3rem; border-bottom: 1px solid var(--line); color: var(--soft); font-size: 0.8rem; }
.bars { table-layout: fixed; }
.bars thead td { border-bottom: 1px solid var(--line); }
.bars th:first-child { width: 38%; padding-right: 0.75rem; }
.bars th:last-child, .bars td:last-child { width: 4.5rem; text-align: right; }
.bars tbody th, .bars tbody td { padding-top: 0.16rem; padding-bottom: 0.16rem; }
.bars tbody tr:first-child > * { padding-top: 0.45rem; }
.bars i { display: block; height: 0.8rem; min-width: 2px; border-radius: 2px; background: var(--bar); }

details { border-top: 1px solid var(--line); }
details:last-of-type { border-bottom: 1px solid var(--line); }
section > details + details { margin-top: 0; }
summary { padding: 0.65rem 0; cursor: pointer; }
summary b { color: var(--warn); font-weight: 600; }
summary span { float: right; color: var(--soft); }
.files { margin-bottom: 1rem; table-layout: fixed; }
.files tr:last-child td { border-bottom: 0; }
.files td:first-child { width: 42%; }
.files td { padding: 0.35rem 1rem 0.35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.files td:first-child { font-size: 0.8rem; line-height: 1.7; }
.more { margin: -0.25rem 0 1rem; }

.settings td { padding: 0.3rem 1.25rem 0.3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.settings td:first-child, .settings td:nth-child(2) { white-space: nowrap; }
.settings td:last-child { color: var(--soft); padding-right: 0; }
.settings .changed td:not(:last-child) { font-weight: 650; }
.settings code { font-size: 0.8rem; }
footer { margin-top: 3.5rem; }
a { color: inherit; }

@media (max-width: 60rem) {
  .figures { grid-template-columns: repeat(3, 1fr); }
}
@media (max-width: 46rem) {
  body { padding: 2rem 1rem 3rem; }
  h1 { font-size: 1.75rem; }
  section { margin-top: 2.5rem; }
  .figures { grid-template-columns: repeat(2, 1fr); }
  .figure { padding: 0.8rem 0.9rem; }
  .figure dd { font-size: 1.35rem; }
  .classes { grid-template-columns: 1fr; }
  .charts { columns: 1; }
  .one .frames { grid-template-columns: repeat(6, 1fr); }
  .files, .files tbody, .files tr, .files td { display: block; width: 100%; }
  .files td:first-child { padding-bottom: 0; border-bottom: 0; }
  .settings :is(td, th):last-child { display: none; }
  .settings :is(td, th):nth-child(2) { padding-right: 0; text-align: right; }
}
@media print {
  body { max-width: none; padding: 0; }
  .classes > *, .figures, tr { break-inside: avoid; }
}
"""
