"""The look of a report: light and dark, screen and paper, without anything fetched."""

STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --soft: #5a5a5a; --page: #ffffff; --grid: #e3e3e3;
  --line: #d5d5d5; --wash: #f4f6f7; --link: #005a8c; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --soft: #b4b4b4; --page: #16191b;
  --grid: #33383b; --line: #3d4346; --wash: #1f2426; --link: #7cc4f0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.6;
  font-family: "Noto Sans", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC",
    "Microsoft YaHei", system-ui, sans-serif; font-size: 1rem; }
header, main { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }
main { padding-bottom: 4rem; }
header { padding-top: 3rem; }
h1 { font-size: clamp(1.6rem, 5vw, 2.1rem); line-height: 1.25; margin: 0; padding-bottom: 1rem;
  border-bottom: 3px solid var(--link); text-wrap: balance; }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 3.5rem 0 1rem; scroll-margin-top: 1rem; }
p { max-width: 44rem; margin: .75rem 0; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, .wide:focus-visible { outline: 3px solid var(--link);
  outline-offset: 2px; }
nav ol { list-style: none; margin: 1rem 0 0; padding: 0; display: flex; flex-wrap: wrap;
  gap: .25rem 1.5rem; }
nav a { display: inline-block; padding: .25rem 0; text-decoration-thickness: 1px;
  text-underline-offset: .25em; }
dl { display: flex; flex-wrap: wrap; gap: 1px; margin: 1rem 0 1.75rem; background: var(--line); border: 1px solid var(--line);
  border-radius: .5rem; overflow: hidden; }
dl > div { padding: .7rem 1rem; background: var(--page); flex: 1 1 10.5rem; }
dl > .long { flex-basis: 100%; }
dt { color: var(--soft); font-size: .85rem; line-height: 1.4; }
dd { margin: .1rem 0 0; font-size: 1.125rem; line-height: 1.4; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere; }
figure { margin: 1.5rem 0 .5rem; padding: 1.25rem 1.25rem 1rem; border: 1px solid var(--line);
  border-radius: .5rem; }
figure .wide { margin: 0; }
.plot { display: block; margin: 0 auto; max-width: 100%; height: auto; }
@media screen and (max-width: 40rem) { .plot { min-width: 36rem; } }
figcaption { color: var(--soft); font-size: .925rem; margin-top: 1rem; padding-top: .75rem;
  border-top: 1px solid var(--grid); }
figcaption strong { color: var(--ink); margin-right: .35rem; }
details { margin: .25rem 0 2rem; }
summary { cursor: pointer; color: var(--link); padding: .35rem 0; font-size: .925rem; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .925rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .25rem 0 .5rem; }
th, td { text-align: left; padding: .4rem 1.1rem .4rem 0; border-bottom: 1px solid var(--grid);
  vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); color: var(--soft); font-weight: 600;
  vertical-align: bottom; }
tbody th { font-weight: normal; }
tbody tr:hover > * { background: var(--wash); }
th:first-child { position: sticky; left: 0; background: var(--page); }
th:not(.number, .short), td:not(.number, .short) { min-width: 9rem; overflow-wrap: break-word; }
.number { text-align: right; white-space: nowrap; }
.short { white-space: nowrap; }
ul.findings { padding: 0; list-style: none; max-width: 48rem; }
.findings li { padding: .5rem .9rem; margin: .5rem 0; border-left: .3rem solid var(--soft);
  background: var(--wash); }
.findings .error { border-left-color: #d55e00; }
.findings .warning { border-left-color: #e69f00; }
.findings strong { margin-right: .5rem; }
@media (prefers-color-scheme: dark) {
  .plot [fill="#1b1b1b"] { fill: var(--ink); } .plot [stroke="#1b1b1b"] { stroke: var(--ink); }
  .plot [fill="#5a5a5a"] { fill: var(--soft); } .plot [stroke="#5a5a5a"] { stroke: var(--soft); }
  .plot [stroke="#e3e3e3"] { stroke: var(--grid); }
  .plot [fill="#0072b2"] { fill: #4aa5dc; } .plot [stroke="#0072b2"] { stroke: #4aa5dc; }
  .plot [fill="#d55e00"] { fill: #f07b2e; } .plot [stroke="#d55e00"] { stroke: #f07b2e; }
}
@media print {
  :root { color-scheme: light; --ink: #000000; --soft: #333333; --page: #ffffff; }
  nav { display: none; } figure, dl, tr, .findings li { break-inside: avoid; }
  h2 { break-after: avoid; margin-top: 2rem; } thead { display: table-header-group; }
  body { font-size: 10pt; } table { font-size: 8pt; } th, td { padding-right: .6rem; }
  .number, .short { white-space: normal; } .wide { overflow: visible; }
  header, main { max-width: none; padding: 0; } th:first-child { position: static; }
  details:not([open]) { display: none; }
}
"""
